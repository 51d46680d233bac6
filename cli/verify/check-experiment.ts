import type { Count, CounterReader, DayCount } from '../../shared/counting/counters.ts';
import { EXPOSURE } from '../../shared/contract/event.ts';
import { fieldOf, type ExperimentRef } from '../../shared/contract/experiment-id.ts';
import type { Span } from '../../shared/stores/redis/tally-reader.ts';

/** What was found missing of an experiment's counters, each in a sentence. */
export interface Checked {
  /** Events that are counted, of all variants and goals. */
  events: number;
  faults: string[];
}

type Reader = Pick<CounterReader, 'counts' | 'days' | 'moments' | 'segments' | 'uniques'>;

/** (variant, event) -> how many */
type Figures = ReadonlyMap<string, number>;

/**
 * Compares what is counted of an experiment in several ways. Counting goes on meanwhile, and figures only grow: so days
 * are read before and after the counts, which have to lie between.
 * @param span when it had events; undefined where Redis does not know
 */
export async function checkExperiment(
  generation: string,
  ref: ExperimentRef,
  span: Span | undefined,
  reader: Reader,
): Promise<Checked> {
  const before = await reader.days(generation, ref);
  const [moments, segments] = await Promise.all([reader.moments(generation, ref), reader.segments(generation, ref)]);
  const [counts = []] = await reader.counts(generation, [ref]);
  const after = await reader.days(generation, ref);
  const whole = counts.filter(({ count }) => count > 0);
  const uniques = await reader.uniques(generation, ref, whole);
  const figures = addUp(whole);
  return {
    events: whole.reduce((sum, { count }) => sum + count, 0),
    faults: [
      ...compareDays(figures, addUp(before), addUp(after)),
      ...compareSegments(figures, segments),
      ...compareVisitors(figures, moments),
      ...whole.filter((_, i) => uniques[i] === 0).map((count) => `${describe(count)}: approximate uniques are gone`),
      ...checkSpan(span, before),
    ],
  };
}

const keyOf = ({ variant, event }: Pick<Count, 'variant' | 'event'>) => JSON.stringify([variant, event]);

function describe({ variant, event }: Pick<Count, 'variant' | 'event'>): string {
  return `${variant}, ${event === EXPOSURE ? 'participants' : event}`;
}

function addUp(counts: readonly Pick<Count, 'variant' | 'event' | 'count'>[]): Figures {
  const sums = new Map<string, number>();
  for (const count of counts) sums.set(keyOf(count), (sums.get(keyOf(count)) ?? 0) + count.count);
  return sums;
}

function compareDays(counts: Figures, before: Figures, after: Figures): string[] {
  return [...new Set([...counts.keys(), ...before.keys()])].flatMap((key) => {
    const [counted = 0, least = 0, most = 0] = [counts, before, after].map((figures) => figures.get(key));
    if (counted >= least && counted <= most) return [];
    const [variant = '', event = ''] = JSON.parse(key) as string[];
    return [`${describe({ variant, event })}: ${counted} are counted, and ${least} in the sum of all days`];
  });
}

/** Not every event has a segment, and none is in more values of it than it has. */
function compareSegments(whole: Figures, segments: readonly Count[]): string[] {
  return segments.flatMap((count) => {
    const most = whole.get(keyOf(count)) ?? 0;
    if (count.count <= most) return [];
    return [`${describe(count)}: ${most} are counted, and ${count.count} of ${count.segment ?? ''}`];
  });
}

/** Not every event has a visitor. `[visitors, …]` of exposures, and `[visitors, events, …]` of a goal. */
function compareVisitors(whole: Figures, moments: ReadonlyMap<string, number[]>): string[] {
  return [...whole].flatMap(([key, count]) => {
    const [variant = '', event = ''] = JSON.parse(key) as string[];
    const field = event === EXPOSURE ? `${fieldOf(variant)}:` : fieldOf(variant, event);
    const ofVisitors = moments.get(field)?.[event === EXPOSURE ? 0 : 1] ?? 0;
    if (ofVisitors <= count) return [];
    return [`${describe({ variant, event })}: ${count} are counted, and ${ofVisitors} of visitors`];
  });
}

function checkSpan(span: Span | undefined, days: readonly DayCount[]): string[] {
  const first = days.map(({ day }) => day).sort()[0];
  if (first === undefined) return [];
  if (span === undefined) return ['when it had events is gone'];
  const firstOfSpan = new Date(span.first).toISOString().slice(0, 10);
  return firstOfSpan <= first ? [] : [`it has counts of ${first}, and its first event is said to be of ${firstOfSpan}`];
}
