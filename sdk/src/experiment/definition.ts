import { InvalidDefinitionError } from '../errors.ts';
import type { Context, ContextValue, HashVersion } from '../key/context-key.ts';
import type { Rollout } from '../rollout.ts';

/** A variant's name -> what it does. Only the chosen one is ever called. */
export type Behaviors = Readonly<Record<string, () => unknown>>;

export type VariantName<B extends Behaviors> = keyof B & string;

/** Gives everyone whom it fits one variant. They are not counted unless `tracked`: they were not randomised. */
export interface Segment<V extends string, C extends object> {
  readonly when: (context: C) => unknown;
  readonly variant: V;
  readonly tracked?: boolean;
}

/** A share of a group's visitors, from 0 to 1. Experiments of one group whose ranges do not overlap share nobody. */
export interface Exclusive {
  readonly group: string;
  readonly range: readonly [from: number, to: number];
}

export interface Definition<
  B extends Behaviors = Behaviors,
  C extends object = Context,
  V extends string = keyof B & string,
> {
  readonly name: string;
  readonly variants: B;
  /** Default: all variants equally often. */
  readonly rollout?: Rollout<V> | undefined;
  /** The share of visitors that takes part at all, from 0 to 1. Default 1. Raising it moves nobody. */
  readonly coverage?: number | undefined;
  /** Whoever fits one of these sees the control and is not counted. */
  readonly exclude?: readonly ((context: C) => unknown)[];
  readonly segment?: readonly Segment<V, C>[] | undefined;
  /** What the variant hangs on, where it is not the whole context: all visitors of a project see the same, say. */
  readonly stickyTo?: (context: C) => ContextValue;
  readonly exclusive?: Exclusive | undefined;
  /** `false` shows everyone the control and counts nobody. */
  readonly enabled?: boolean;
  /**
   * How ids become text. Default 1, which takes 42 and '42' for two visitors; new experiments are better off with 2. Not
   * to be changed while the experiment runs: it draws anew.
   */
  readonly hashVersion?: HashVersion | undefined;
  /**
   * What visitors are called on the wire. Default 2: as in all experiments of the namespace, so that a goal may be told
   * once for all of them. 1: by this experiment's key, as version 0.1.0 did; an experiment that it has begun
   * says so until it ends, else its visitors count once more. Not to be changed while the experiment runs.
   */
  readonly unitVersion?: 1 | 2 | undefined;
  /** Why `enabled` is false, for the decision's `detail`; `fetchConfig` sets it. */
  readonly status?: string | undefined;
  /** When the definition was written that has changed this one: told with exposures. `fetchConfig` sets it. */
  readonly definedAt?: string | undefined;
}

/** Puts what has been decided since the code was written in a definition's place. */
export type ConfigSource = <B extends Behaviors, C extends object>(
  definition: Definition<B, C>,
  onError: (error: unknown) => void,
) => Definition<B, C>;

/** A definition of any variants over any context. */
export type AnyDefinition = Definition<Behaviors, never, string>;

function isShare(value: number): boolean {
  return value >= 0 && value <= 1;
}

function refuse(name: unknown, expectation: string): never {
  throw new InvalidDefinitionError(`Experiment ${JSON.stringify(name)}: expected ${expectation}.`);
}

/** @throws InvalidDefinitionError with what was expected, where a definition contradicts itself */
export function checkDefinition(definition: AnyDefinition): void {
  // Where no compiler has looked, any part may be missing.
  const { name, variants, rollout, coverage = 1, segment = [], exclusive } = definition;
  const names = variantNames(definition);
  if (typeof name !== 'string' || name === '') refuse(name, 'a name, got none');
  if (names.length < 1) refuse(name, 'variants, got none');

  const idle = names.find((variant) => typeof variants[variant] !== 'function');
  if (idle !== undefined) refuse(name, `a function as ${idle}, got ${typeof variants[idle]}`);
  if (!isShare(coverage)) refuse(name, `a coverage from 0 to 1, got ${coverage}`);

  const used = [...(rollout?.variants ?? []), ...segment.map(({ variant }) => variant)];
  for (const variant of used) requireVariant(definition, variant);
  if (exclusive) {
    const [from, to] = exclusive.range;
    if (!isShare(from) || !isShare(to) || from >= to) refuse(name, `a range from 0 to 1, got ${from} to ${to}`);
  }
}

/** Checks a definition and gives it its types: variants' names and what `run` answers are inferred from it. */
export function defineExperiment<B extends Behaviors, C extends object = Context>(
  definition: Definition<B, C>,
): Definition<B, C> {
  checkDefinition(definition);
  return definition;
}

type Variants<B extends Behaviors> = Pick<Definition<B>, 'variants'>;

export function variantNames<B extends Behaviors>({ variants }: Partial<Variants<B>>) {
  // At least one: the definition would not have been accepted without.
  return Object.keys(variants ?? {}) as [VariantName<B>, ...VariantName<B>[]];
}

/** The variant with this name, which may come from a link, a cookie or a store, or undefined if there is none. */
export function findVariant<B extends Behaviors>(
  definition: Variants<B>,
  name: string | undefined,
): VariantName<B> | undefined {
  return variantNames(definition).find((variant) => variant === name);
}

/** The variant with this name. @throws InvalidDefinitionError if there is none */
export function requireVariant<B extends Behaviors>(
  definition: Pick<Definition<B>, 'name' | 'variants'>,
  name: string,
): VariantName<B> {
  const names = variantNames(definition).join(', ');
  return findVariant(definition, name) ?? refuse(definition.name, `one of ${names}, got ${name}`);
}

/** The variant of everyone who takes no part: `control`, or the first where none has that name. */
export function controlOf<B extends Behaviors>(definition: Variants<B>): VariantName<B> {
  return findVariant(definition, 'control') ?? variantNames(definition)[0];
}
