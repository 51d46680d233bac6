export {
  AlreadyRunError,
  BehaviorMissingError,
  BehaviorNotUniqueError,
  InvalidContextError,
  InvalidDefinitionError,
  TrackingError,
} from './errors.ts';
export { createMemoryStore } from './experiment/assignment.ts';
export type { Assignment, Reason, StickyStore } from './experiment/assignment.ts';
export { defineExperiment } from './experiment/definition.ts';
export type { Behaviors, Definition, Exclusive, Segment } from './experiment/definition.ts';
export type { GoalDetails } from './experiment/event.ts';
export type { CommonOptions, Experiments } from './experiment/experiments.ts';
export type { Visit } from './experiment/visit.ts';
export type { Consent, VisitOptions } from './experiment/visitor.ts';
export { configurationOf, experiment, Experiment, gitlabCompatible } from './gem-style/experiment.ts';
export type { Block, Configuration, ExperimentArguments, Resolver, TrackingBehavior } from './gem-style/experiment.ts';
export { resolveByRollout, sendToTracker } from './gem-style/tracking.ts';
export type { Context, ContextValue, HashVersion } from './key/context-key.ts';
export { legacyKey } from './key/legacy-key.ts';
export { bucket, percent, random, roundRobin } from './rollout.ts';
export type { DrawCounter, Rollout, RolloutRequest } from './rollout.ts';
export type { TrackedEvent } from './tracker/outbox.ts';
export type { VisitorRequest } from './visitor/visitor-request.ts';
