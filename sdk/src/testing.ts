export { matchers } from './testing/matchers.ts';
export { stub } from './testing/stub.ts';
export type { StubbedExperiments } from './testing/stub.ts';
