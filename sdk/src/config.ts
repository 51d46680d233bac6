export { fetchConfig } from './config/fetch-config.ts';
export type { Config, FetchConfigOptions, FetchedConfig } from './config/fetch-config.ts';
export type { ExperimentConfig } from './config/merge.ts';
