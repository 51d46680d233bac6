export { createExperiments, createMemoryTracker, renderBootstrap } from './node/create-experiments.ts';
export type { MemoryTrackerOptions, NodeOptions } from './node/create-experiments.ts';
export { signForcedLink } from './node/identify.ts';
export type { ForcedVariant } from './node/identify.ts';
export { fromExpress, fromFetch, fromLambda } from './node/requests.ts';
export type { LambdaHttpEvent, ServerRequest, ServerResponse } from './node/requests.ts';
export { visitorUnit } from './node/visitor-unit.ts';
export type { UnitSettings } from './node/visitor-unit.ts';
export * from './core.ts';
