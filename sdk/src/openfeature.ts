export { createProvider } from './openfeature/create-provider.ts';
export type { Flag, ProviderOptions } from './openfeature/create-provider.ts';
