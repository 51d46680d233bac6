import type { Count, DayCount } from '../../shared/counter-reader.ts';
import { EXPOSURE } from '../../shared/event.ts';
import type { ExperimentRef } from '../../shared/experiment-id.ts';
import { sortedNames } from './gimel-report.ts';

/** A count with the approximate number of different units (or uuids) in it. */
export interface CountWithUniques extends Count {
  approximateUniques: number;
}

export interface ExperimentReport {
  namespace: string;
  name: string;
  status: 'counting' | 'no data';
  /** The segment that the counts are of, `platform=ios`; missing for all. */
  segment?: string;
  /** Segments that events of this experiment have carried: key -> values. */
  segments: Record<string, string[]>;
  variants: { name: string; participants: number; approximateUniques?: number }[];
  goals: { name: string; results: { variant: string; count: number; approximateUniques?: number }[] }[];
  /** By UTC day, of all segments together. */
  days: DayCount[];
  /** Where Redis lost counters that had left the stream by then: the counts are whole since this time (ISO 8601). */
  countedSince?: string;
}

export interface CountedExperiment {
  ref: ExperimentRef;
  /** Of all segments: those without a segment carry the approximate uniques. */
  counts: readonly (Count | CountWithUniques)[];
  days: readonly DayCount[];
  /** ms since 1970 */
  countedSince?: number;
}

/** Lays out the plain counts of one experiment, for all visitors or for those of one segment. */
export function experimentReport({ ref, counts, days, countedSince }: CountedExperiment, segment?: string): ExperimentReport {
  const chosen = counts.filter((count) => count.segment === segment);
  const variants = sortedNames(counts.map(({ variant }) => variant));
  const goals = sortedNames(counts.map(({ event }) => event)).filter((event) => event !== EXPOSURE);
  const find = (variant: string, event: string) =>
    chosen.find((count) => count.variant === variant && count.event === event);

  return {
    namespace: ref.namespace,
    name: ref.experiment,
    status: counts.length > 0 ? 'counting' : 'no data',
    ...(segment !== undefined && { segment }),
    ...(countedSince !== undefined && { countedSince: new Date(countedSince).toISOString() }),
    segments: listSegments(counts),
    variants: variants.map((name) => {
      const exposures = find(name, EXPOSURE);
      return { name, participants: exposures?.count ?? 0, ...uniquesOf(exposures) };
    }),
    goals: goals.map((name) => ({
      name,
      results: variants.map((variant) => {
        const found = find(variant, name);
        return { variant, count: found?.count ?? 0, ...uniquesOf(found) };
      }),
    })),
    days: [...days].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

function uniquesOf(count: Count | CountWithUniques | undefined): { approximateUniques?: number } {
  return count && 'approximateUniques' in count ? { approximateUniques: count.approximateUniques } : {};
}

function listSegments(counts: readonly Count[]): Record<string, string[]> {
  const labels = sortedNames(counts.flatMap(({ segment }) => segment ?? []));
  const segments = new Map<string, string[]>();
  for (const label of labels) {
    const equals = label.indexOf('=');
    const key = label.slice(0, equals);
    segments.set(key, [...(segments.get(key) ?? []), label.slice(equals + 1)]);
  }
  return Object.fromEntries(segments);
}
