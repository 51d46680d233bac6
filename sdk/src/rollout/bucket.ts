import { fnv1a } from '../hash/fnv1a.ts';

/** A place from 0 to 0.9999 for an id: uniform over ids, independent between seeds. GrowthBook's version 2. */
export const bucket = (seed: string, id: string): number => (fnv1a(`${fnv1a(seed + id)}`) % 10_000) / 10_000;

/** Whether an id belongs to the covered share, for rollouts that have no ranges of their own. */
export const isCovered = (name: string, id: string, coverage: number): boolean =>
  bucket(`${name}/coverage`, id) < coverage;
