import type { Count, CounterReader } from './counters.ts';
import { experimentId, fieldOf, parseExperimentId, type ExperimentRef } from '../contract/experiment-id.ts';
import { mapAtOnce } from '../runtime/map-at-once.ts';

/** A counter that is not the same in two generations. */
export interface Difference {
  experiment: ExperimentRef;
  kind: (typeof KINDS)[number];
  field: string;
  served: string;
  replayed: string;
}

/** Sums of decimals depend on how batches were cut, in their last digits. */
const RELATIVE_TOLERANCE = 1e-9;

const EXPERIMENTS_AT_ONCE = 8;

/**
 * Compares two generations counter by counter. Both should stand still meanwhile.
 * @param isGoingOn called before each experiment, by whoever makes them stand still for a time
 */
export async function compareGenerations(
  served: string,
  replayed: string,
  reader: CounterReader,
  isGoingOn: () => Promise<void>,
): Promise<Difference[]> {
  const ids = [...(await reader.experiments(served)), ...(await reader.experiments(replayed))].map(experimentId);
  const experiments = [...new Set(ids)].sort().flatMap((id) => parseExperimentId(id) ?? []);
  const found = await mapAtOnce(EXPERIMENTS_AT_ONCE, experiments, async (experiment) => {
    await isGoingOn();
    const [before, after] = await Promise.all([
      readAll(served, experiment, reader),
      readAll(replayed, experiment, reader),
    ]);
    return KINDS.flatMap((kind) => compareKind(experiment, kind, before[kind], after[kind]));
  });
  return found.flat();
}

const KINDS = ['count', 'day', 'moments', 'approximate uniques'] as const;

type Fields = ReadonlyMap<string, number[]>;

async function readAll(
  generation: string,
  ref: ExperimentRef,
  reader: CounterReader,
): Promise<Record<Difference['kind'], Fields>> {
  const [[counts = []], days, moments] = await Promise.all([
    reader.counts(generation, [ref]),
    reader.days(generation, ref),
    reader.moments(generation, ref),
  ]);
  const whole = counts.filter(({ segment }) => segment === undefined);
  const uniques = await reader.uniques(generation, ref, whole);
  return {
    count: new Map(counts.map((count) => [nameOf(count), [count.count]])),
    day: new Map(days.map((count) => [`${count.day}:${nameOf(count)}`, [count.count]])),
    moments,
    'approximate uniques': new Map(whole.map((count, index) => [nameOf(count), [uniques[index] ?? 0]])),
  };
}

function nameOf({ variant, event, segment }: Count): string {
  return fieldOf(variant, event, ...(segment === undefined ? [] : [segment]));
}

function compareKind(experiment: ExperimentRef, kind: Difference['kind'], before: Fields, after: Fields): Difference[] {
  return [...new Set([...before.keys(), ...after.keys()])].sort().flatMap((field) => {
    const served = before.get(field) ?? [];
    const replayed = after.get(field) ?? [];
    if (areEqual(served, replayed)) return [];
    return [{ experiment, kind, field, served: served.join(' ') || '0', replayed: replayed.join(' ') || '0' }];
  });
}

function areEqual(a: number[], b: number[]): boolean {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, index) => [a[index] ?? 0, b[index] ?? 0] as const).every(
    ([x, y]) => Math.abs(x - y) <= RELATIVE_TOLERANCE * Math.max(Math.abs(x), Math.abs(y)),
  );
}
