import { AlreadyRunError, BehaviorMissingError, BehaviorNotUniqueError, quietly } from '../errors.ts';
import { contextKey } from '../key/context-key.ts';
import { legacyKey } from '../key/legacy-key.ts';
import { hmacSha256 } from '../key/sha256.ts';
import { createExperimentContext, readArguments } from './experiment-input.ts';
import type {
  ContextInput,
  ContextKeys,
  ContextSettings,
  ExperimentArguments as Arguments,
} from './experiment-input.ts';

/** Which variant it shall be, given the one that was asked for. */
export type Resolver = (requested: string | undefined, experiment: Experiment) => string;

/** What happens when an experiment tracks something. What it throws or rejects with goes to `onError`. */
export type TrackingBehavior = (
  experiment: Experiment,
  action: string,
  args: Readonly<Record<string, unknown>>,
) => unknown;

export interface Configuration extends ContextSettings {
  /** Put before every name, with an underscore. */
  readonly prefix: string | null;
  readonly logger: { info(message: string): void };
  readonly resolver: Resolver;
  readonly tracking: TrackingBehavior;
  readonly onError: (error: unknown) => void;
}

function logTracking(experiment: Experiment, action: string, args: Readonly<Record<string, unknown>>): void {
  const { name, signature, configuration } = experiment;
  configuration.logger.info(`EXPERIMENT[${name}] ${action}: ${JSON.stringify({ ...args, ...signature })}`);
}

/** The default configuration with changes. */
export function configurationOf(changes: Partial<Configuration> = {}): Configuration {
  return {
    prefix: null,
    logger: console,
    resolver: (requested) => requested ?? 'control',
    tracking: logTracking,
    contextHash: (context, name) => contextKey(hmacSha256, '', name, context),
    cookie: undefined,
    onError: () => undefined,
    ...changes,
  };
}

/** What gives the names and keys of gitlab-experiment 0.2.0, so that running experiments can be moved over. */
export const gitlabCompatible = {
  prefix: 'gitlab_experiment',
  contextHash: legacyKey,
} as const satisfies Partial<Configuration>;

export type Behavior = () => unknown;
export type Block<E extends Experiment = Experiment, R = unknown> = (experiment: E) => R;
export type ExperimentArguments<E extends Experiment = Experiment, R = unknown> = Arguments<Block<E, R>>;

/** With a block that answers nothing: the experiment, which has run. With one that answers `run()`: its value. */
type Ran<E extends Experiment, R> = unknown extends R ? unknown : undefined extends R ? E : R;

type ExperimentClass<E extends Experiment> = new (...given: ExperimentArguments) => E;

/** What the chosen behavior did: it is done once, and answered again and again. */
type Outcome = { readonly value: unknown } | { readonly error: unknown };

/**
 * An experiment with the interface of gitlab-experiment 0.2.0. Extend it, and override `configuration`, `enabled` or
 * the constructor, for a kind of experiments of one's own.
 */
export class Experiment {
  static readonly configuration: Configuration = configurationOf();

  readonly #ownName: string;
  readonly #context: ReturnType<typeof createExperimentContext>;
  readonly #behaviors = new Map<string, Behavior>();
  #condition: () => boolean = () => true;
  #requested: string | undefined;
  #resolved: string | undefined;
  #isFrozen = false;
  #outcome: Outcome | undefined;

  /**
   * Without a block: the experiment, which has not run. With one: the experiment after it has run; where the block
   * ran it itself, what that answered.
   */
  static run<E extends Experiment, R = void>(this: ExperimentClass<E>, ...given: ExperimentArguments<E, R>): Ran<E, R> {
    const { name, variant, context, block } = readArguments(given);
    const experiment = new this(name, variant, context);
    block?.(experiment);

    const hasRunInBlock = experiment.#isFrozen;
    const value = block && experiment.run();
    return (hasRunInBlock ? value : experiment) as Ran<E, R>;
  }

  constructor(...given: ExperimentArguments) {
    const { name, variant, context, block } = readArguments(given);
    this.#ownName = name;
    this.#context = createExperimentContext(this.name, this.configuration);
    this.#context.merge(context);
    this.#requested = variant;
    block?.(this);
  }

  get configuration(): Configuration {
    return (this.constructor as typeof Experiment).configuration;
  }

  /** Prefix and name, joined. */
  get name(): string {
    return [this.configuration.prefix, this.#ownName].filter((part) => part !== null).join('_');
  }

  /** All behaviors by their variants' names. */
  get behaviors(): Readonly<Record<string, Behavior>> {
    return Object.fromEntries(this.#behaviors);
  }

  /** The variants' names without the control. */
  get variantNames(): string[] {
    return [...this.#behaviors.keys()].filter((name) => name !== 'control');
  }

  /** What tells a visitor's data apart in what is tracked. */
  get signature(): ContextKeys & { readonly group: string } {
    return { ...this.#context.keys(), group: this.variant() };
  }

  /** Whether the visitor has Do Not Track or Global Privacy Control set: rollouts show the control, nothing is counted. */
  get isExcluded(): boolean {
    return this.#context.isExcluded();
  }

  /** Whether anything is tracked; to be overridden. */
  enabled(): boolean {
    return true;
  }

  /** Gives the control its behavior. */
  use(behavior: Behavior): this {
    return this.#addBehavior('control', behavior);
  }

  /** Gives a variant its behavior: the one with this name, or `candidate`. */
  try(behavior: Behavior): this;
  try(name: string, behavior: Behavior): this;
  try(...given: [behavior: Behavior] | [name: string, behavior: Behavior]): this {
    return given.length === 1 ? this.#addBehavior('candidate', given[0]) : this.#addBehavior(...given);
  }

  /** Tracks only while this holds. The chosen behavior runs all the same. */
  runIf(condition: () => boolean): this {
    this.#condition = condition;
    return this;
  }

  /** Merges something into the context, and answers what it is now. */
  context(input?: ContextInput): ContextKeys & { readonly value: object } {
    if (input) {
      this.#refuseIfFrozen('context');
      this.#context.merge(input);
    }
    return { value: this.#context.values(), ...this.#context.keys() };
  }

  /** Asks for a variant, and answers the one that it shall be. */
  variant(requested?: string): string {
    if (requested !== undefined) {
      this.#refuseIfFrozen('variant');
      this.#requested = requested;
      this.#resolved = undefined;
    }
    return (this.#resolved ??= this.configuration.resolver(this.#requested, this));
  }

  /** Runs the chosen behavior, tracks the assignment, and answers or throws what the behavior did. Once. */
  run(requested?: string): unknown {
    this.#outcome ??= this.#runBehavior(requested);
    if ('error' in this.#outcome) throw this.#outcome.error;
    return this.#outcome.value;
  }

  /** Tracks something, if there is anything to choose from and the experiment is enabled. Never throws. */
  track(action: string, args: Readonly<Record<string, unknown>> = {}): void {
    const { onError, tracking } = this.configuration;
    const report = quietly(onError);
    try {
      if (this.#isTracked()) Promise.resolve(tracking(this, action, args)).catch(report);
    } catch (error) {
      report(error);
    }
  }

  #runBehavior(requested: string | undefined): Outcome {
    const variant = this.variant(requested);
    this.#isFrozen = true;
    const behavior = this.#behaviors.get(variant);
    if (!behavior) throw new BehaviorMissingError(`Expected a behavior for ${variant} of ${this.name}, got none.`);

    const outcome = attempt(behavior);
    this.track('assignment');
    return outcome;
  }

  #isTracked(): boolean {
    return this.#behaviors.size > 1 && this.enabled() && this.#condition();
  }

  #addBehavior(name: string, behavior: Behavior): this {
    this.#refuseIfFrozen('behavior');
    if (this.#behaviors.has(name)) throw new BehaviorNotUniqueError(`Expected one behavior for ${name}, got another.`);

    this.#behaviors.set(name, behavior);
    return this;
  }

  #refuseIfFrozen(what: string): void {
    if (this.#isFrozen) throw new AlreadyRunError(`Expected no ${what} for ${this.name} after it has run, got one.`);
  }
}

function attempt(behavior: Behavior): Outcome {
  try {
    return { value: behavior() };
  } catch (error) {
    return { error };
  }
}

/** `Experiment.run` as a function. */
export function experiment<R = void>(...given: ExperimentArguments<Experiment, R>): Ran<Experiment, R> {
  return Experiment.run(...given);
}
