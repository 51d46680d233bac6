import type { Definition } from '../contract/definition.ts';
import { weightsOf } from '../contract/definition-changes.ts';

/** Where clients put a variant on the line from 0 to 1: see docs/sdk-spec.md. */
interface Range {
  variant: string;
  from: number;
  to: number;
}

/** What becomes of visitors whom nothing remembers when a definition changes; shares of all visitors, from 0 to 1. */
export interface Moves {
  /** Had a variant. */
  had: number;
  /** Had a variant, and see another one now. */
  moved: number;
  /** Had a variant, and are outside of the coverage now. */
  left: number;
  /** Had none, and have one now. */
  joined: number;
}

/** Compares where visitors are by two definitions; undefined where one of them leaves it to the code. */
export function movesBetween(before: Definition, after: Definition): Moves | undefined {
  const old = rangesOf(before);
  const now = rangesOf(after);
  if (!old || !now) return undefined;

  const moves: Moves = { had: 0, moved: 0, left: 0, joined: 0 };
  const ends = [...new Set([0, 1, ...[...old, ...now].flatMap(({ from, to }) => [from, to])])].sort((a, b) => a - b);
  for (const [i, from] of ends.slice(0, -1).entries()) {
    const to = ends[i + 1] ?? 1;
    const was = variantAt(old, (from + to) / 2);
    const is = variantAt(now, (from + to) / 2);
    if (was !== undefined) moves.had += to - from;
    if (was !== undefined && is === undefined) moves.left += to - from;
    if (was !== undefined && is !== undefined && is !== was) moves.moved += to - from;
    if (was === undefined && is !== undefined) moves.joined += to - from;
  }
  return moves;
}

function rangesOf(definition: Definition): Range[] | undefined {
  const weights = Object.entries(weightsOf(definition) ?? evenWeights(definition));
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
  if (total === 0) return undefined;
  let from = 0;
  return weights.map(([variant, weight]) => {
    const range = { variant, from, to: from + ((definition.coverage ?? 1) * weight) / total };
    from += weight / total;
    return range;
  });
}

function evenWeights({ variants = [] }: Definition): Record<string, number> {
  return Object.fromEntries(variants.map(({ name }) => [name, 1]));
}

function variantAt(ranges: readonly Range[], place: number): string | undefined {
  return ranges.find(({ from, to }) => place >= from && place < to)?.variant;
}
