import { InvalidDefinitionError } from './errors.ts';

/** What a rollout may decide by. */
export interface RolloutRequest<V extends string = string> {
  readonly name: string;
  /** Pseudonym of the visitor, or of what the variant hangs on. */
  readonly id: string;
  readonly variants: readonly V[];
  /** The share of visitors that takes part, from 0 to 1. */
  readonly coverage: number;
}

/** Draws a variant; undefined if the visitor is outside the coverage. */
export interface Rollout<V extends string> {
  /** The variants that it may choose, where it knows them: an experiment must have them all. */
  readonly variants?: readonly V[];
  choose(request: RolloutRequest<V>): V | undefined | Promise<V | undefined>;
}

/** FNV-1a with 32 bits over UTF-16 code units, as GrowthBook computes it in JavaScript. */
export function fnv1a(text: string): number {
  const { imul } = Math;
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);

  return hash >>> 0;
}

/** A place from 0 to 0.9999 for an id: uniform over ids, independent between seeds. GrowthBook's version 2. */
export function bucket(seed: string, id: string): number {
  return (fnv1a(`${fnv1a(seed + id)}`) % 10_000) / 10_000;
}

/** Whether an id belongs to the covered share, for rollouts that have no ranges of their own. */
export function isCovered(name: string, id: string, coverage: number): boolean {
  return bucket(`${name}/coverage`, id) < coverage;
}

/**
 * Draws by the visitor's bucket: always the same answer, on every machine, with nothing stored.
 *
 * Each variant owns the beginning of its share of the line from 0 to 1, as long as the coverage allows:
 *
 *     coverage 0.5   control ■■■■■□□□□□ button ■■■■■□□□□□
 *
 * so that raising the coverage lengthens each range and moves nobody from one variant to another.
 */
export function percent<V extends string>(weights: Readonly<Record<V, number>>) {
  const variants = Object.keys(weights) as V[];
  const total = variants.reduce((sum, variant) => sum + weights[variant], 0);
  if (!(Math.abs(total - 100) < 1e-6) || variants.some((variant) => weights[variant] < 0)) {
    throw new InvalidDefinitionError(`Expected weights that add up to 100, got ${JSON.stringify(weights)}.`);
  }

  return {
    variants,
    choose({ name, id, coverage }: Pick<RolloutRequest, 'name' | 'id' | 'coverage'>): V | undefined {
      const place = bucket(name, id);
      let from = 0;
      return variants.find((variant) => {
        const weight = weights[variant] / 100;
        const isInside = place >= from && place < from + coverage * weight;
        from += weight;
        return isInside;
      });
    },
  };
}

/** `percent` with the same weight for everyone. */
export function evenly<V extends string>(variants: readonly V[]) {
  return percent(Object.fromEntries(variants.map((variant) => [variant, 100 / variants.length])) as Record<V, number>);
}

/** Draws afresh each time. Without a sticky store a visitor meets another variant on the next page. */
export function random(draw: () => number = Math.random) {
  return {
    choose<V extends string>({ name, id, variants, coverage }: RolloutRequest<V>): V | undefined {
      return isCovered(name, id, coverage) ? variants[Math.floor(draw() * variants.length)] : undefined;
    },
  };
}

/** Counts an experiment's draws from 0. One for all processes (Redis INCR, say) makes the arms equal everywhere. */
export type DrawCounter = (name: string) => number | Promise<number>;

function createDrawCounter(): DrawCounter {
  const draws = new Map<string, number>();
  return (name) => {
    const draw = draws.get(name) ?? 0;
    draws.set(name, draw + 1);
    return draw;
  };
}

/** Deals the variants out in turn: equal arms even for few visitors. Needs a sticky store, as `random` does. */
export function roundRobin(countDraw: DrawCounter = createDrawCounter()) {
  return {
    async choose<V extends string>({ name, id, variants, coverage }: RolloutRequest<V>): Promise<V | undefined> {
      return isCovered(name, id, coverage) ? variants[(await countDraw(name)) % variants.length] : undefined;
    },
  };
}
