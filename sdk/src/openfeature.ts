import {
  FlagNotFoundError,
  InvalidContextError,
  StandardResolutionReasons,
  TargetingKeyMissingError,
  TypeMismatchError,
} from '@openfeature/server-sdk';
import type {
  EvaluationContext,
  JsonValue,
  Provider,
  ResolutionDetails,
  ResolutionReason,
  TrackingEventDetails,
} from '@openfeature/server-sdk';
import type { Reason } from './experiment/assignment.ts';
import { controlOf } from './experiment/definition.ts';
import type { AnyDefinition, Definition } from './experiment/definition.ts';
import type { Experiments } from './experiment/experiments.ts';
import type { Context } from './key/context-key.ts';

/** An experiment as a flag. */
export interface Flag {
  readonly experiment: AnyDefinition;
  /**
   * What the flag is worth in each variant. Without it a string flag is the variant's name, and a boolean flag is true
   * for everyone who does not see the control.
   */
  readonly values?: Readonly<Record<string, JsonValue>>;
  /** The tracking events that are goals of this experiment. Default: all. */
  readonly goals?: readonly string[];
}

export interface ProviderOptions {
  /** What recognises a visitor. Default: the targeting key as `userId`. All else is for rules alone. */
  readonly contextOf?: (context: EvaluationContext, targetingKey: string) => object;
}

/** Nothing comes after closing that could send what waits: it may take longer than the flush of a request. */
const CLOSE_TIMEOUT_MS = 5_000;

const REASONS: Readonly<Record<Reason, ResolutionReason>> = {
  forced: StandardResolutionReasons.STATIC,
  excluded: StandardResolutionReasons.DEFAULT,
  cached: StandardResolutionReasons.CACHED,
  targeting: StandardResolutionReasons.TARGETING_MATCH,
  split: StandardResolutionReasons.SPLIT,
  disabled: StandardResolutionReasons.DISABLED,
  error: StandardResolutionReasons.ERROR,
};

/** A flag's value in a variant, or undefined where the flag has no value of the wanted type. */
function valueOf(flag: Flag, variant: string, wanted: unknown): JsonValue | undefined {
  if (flag.values) return flag.values[variant];
  return typeof wanted === 'boolean' ? variant !== controlOf(flag.experiment) : variant;
}

function isSameType<T>(value: unknown, wanted: T): value is T {
  return typeof value === typeof wanted && Array.isArray(value) === Array.isArray(wanted);
}

/** The experiment with behaviors that answer their own names: running it counts the exposure and does nothing else. */
function withoutBehaviors({ experiment }: Flag): AnyDefinition {
  return {
    ...experiment,
    variants: Object.fromEntries(Object.keys(experiment.variants).map((name) => [name, () => name])),
  };
}

/**
 * An OpenFeature provider over experiments: flags' keys -> flags. An evaluation counts the visitor's exposure, and a
 * tracking event a goal of every flag that has it among its goals.
 */
export function createProvider(
  experiments: Experiments,
  flags: Readonly<Record<string, Flag>>,
  { contextOf = (_, userId) => ({ userId }) }: ProviderOptions = {},
): Provider {
  const definitions = new Map(Object.entries(flags).map(([key, flag]) => [key, withoutBehaviors(flag)]));

  function visit(definition: AnyDefinition, context: EvaluationContext) {
    const { targetingKey, ...attributes } = context;
    if (!targetingKey?.trim()) throw new TargetingKeyMissingError('Expected a targeting key, got none.');
    return experiments.for(definition as Definition, contextOf(context, targetingKey) as Context, { attributes });
  }

  async function resolve<T>(key: string, otherwise: T, context: EvaluationContext): Promise<ResolutionDetails<T>> {
    const flag = flags[key];
    const definition = definitions.get(key);
    if (!flag || !definition) throw new FlagNotFoundError(`Expected a flag of this provider, got ${key}.`);

    const visited = visit(definition, context);
    const { variant, reason, detail = '' } = await visited.assign();
    if (reason === 'error') throw new InvalidContextError(detail);
    const value = reason === 'disabled' ? otherwise : valueOf(flag, variant, otherwise);
    if (!isSameType(value, otherwise)) {
      throw new TypeMismatchError(`Expected a ${typeof otherwise} for ${key}, got ${typeof value}.`);
    }

    await visited.run();
    return { value, variant, reason: REASONS[reason] };
  }

  return {
    metadata: { name: 'mem' },
    runsOn: 'server',
    resolveBooleanEvaluation: resolve,
    resolveStringEvaluation: resolve,
    resolveNumberEvaluation: resolve,
    resolveObjectEvaluation: resolve,

    onClose: async () => {
      await experiments.flush({ timeoutMs: CLOSE_TIMEOUT_MS });
    },

    track(goal, context, { value }: TrackingEventDetails) {
      for (const [key, definition] of definitions) {
        if (flags[key]?.goals?.includes(goal) ?? true) void visit(definition, context).track(goal, { value });
      }
    },
  };
}
