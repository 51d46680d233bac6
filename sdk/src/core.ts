export {
  AlreadyRunError,
  BehaviorMissingError,
  BehaviorNotUniqueError,
  InvalidContextError,
  InvalidDefinitionError,
  TrackingError,
} from './errors.ts';
export type { Assignment, Reason } from './experiment/assignment.ts';
export { defineExperiment } from './experiment/definition.ts';
export type { Behaviors, Definition, Exclusive, Segment } from './experiment/definition.ts';
export type { GoalDetails } from './experiment/event.ts';
export type { CommonOptions, Experiments } from './experiment/experiments.ts';
export { createMemoryStore } from './experiment/sticky-store.ts';
export type { StickyStore } from './experiment/sticky-store.ts';
export type { Visit } from './experiment/visit.ts';
export type { VisitOptions } from './experiment/visitor.ts';
export { experiment, Experiment } from './gem-style/experiment.ts';
export type { Block, ExperimentArguments } from './gem-style/experiment.ts';
export { configurationOf, gitlabCompatible } from './gem-style/configuration.ts';
export type { Configuration, Resolver, TrackingBehavior } from './gem-style/configuration.ts';
export { resolveByRollout } from './gem-style/resolve-by-rollout.ts';
export { sendToTracker } from './gem-style/send-to-tracker.ts';
export { legacyKey } from './key/legacy-key.ts';
export type { Context, ContextValue } from './key/context.ts';
export { bucket } from './rollout/bucket.ts';
export { percent } from './rollout/percent.ts';
export { random } from './rollout/random.ts';
export type { Rollout, RolloutRequest } from './rollout/rollout.ts';
export { roundRobin } from './rollout/round-robin.ts';
export type { DrawCounter } from './rollout/round-robin.ts';
export type { TrackedEvent } from './tracker/tracked-event.ts';
export type { VisitorRequest } from './visitor/visitor-request.ts';
