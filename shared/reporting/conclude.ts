import type { StoredDefinition } from '../counting/ports.ts';
import { EXPOSURE } from '../contract/event.ts';
import type { Span } from '../stores/redis/tally-reader.ts';
import type { Settings } from '../../stats/experiment.ts';
import { settingsFor, type Wishes } from './analyze.ts';
import { participantsOf } from './participation.ts';
import type { DataState, ExperimentStatus } from '../contract/answers.ts';
import type { CountedExperiment, CountingState } from './read-counted.ts';
import { goalsOf, importedOf, type Tally } from './tally.ts';
import { DAY_MS, type Facts } from './warnings/facts.ts';

/** The parts of `Facts` that do not depend on what was counted. */
export function knownFacts(
  { rebuilding, countedSince, newest, now }: CountingState,
  { stored, notes, span }: Pick<CountedExperiment, 'stored' | 'notes' | 'span'>,
): Omit<Facts, 'arrangement' | 'tally' | 'whole' | 'participation' | 'analysis'> {
  return {
    definition: stored?.definition,
    faults: stored?.faults ?? [],
    notes,
    span,
    newest,
    countedSince: concernedSince(countedSince, stored, span),
    rebuilding,
    now,
  };
}

/**
 * A loss concerns what could have had events in it: not an experiment that is planned to begin on a later day, nor one
 * whose first event came more than a day after. Counts that went on through a loss begin at its end.
 * @returns when the loss ended, ms; undefined where it does not concern the experiment
 */
export function concernedSince(
  countedSince: number | undefined,
  stored: StoredDefinition | undefined,
  span: Span | undefined,
): number | undefined {
  if (countedSince === undefined) return undefined;
  const start = stored?.definition?.start;
  const beganLater = start !== undefined && Date.parse(start) > countedSince;
  return beganLater || (span !== undefined && span.first > countedSince + DAY_MS) ? undefined : countedSince;
}

/** Settings that know how fast the experiment grows: participants of `tally` over the days that Mem has counted it. */
export function settingsOf(
  stored: StoredDefinition | undefined,
  tally: Tally,
  span: Span | undefined,
  wishes: Pick<Wishes, 'method'> = {},
): Settings {
  let participants = 0;
  for (const variant of tally.counts.keys()) {
    participants += participantsOf(tally, variant) - importedOf(tally, variant, EXPOSURE);
  }
  const days = span === undefined ? 1 : Math.max(1, (span.last - span.first) / DAY_MS);
  return settingsFor(stored?.definition, {
    ...wishes,
    ...(participants > 0 && { participantsPerDay: participants / days }),
  });
}

export function dataStateOf(whole: Tally): DataState {
  if (whole.counts.size === 0) return 'no data';
  return goalsOf(whole).length === 0 ? 'no goal' : 'counting';
}

export function statusOf(stored: StoredDefinition | undefined): ExperimentStatus {
  const status = stored?.definition?.status ?? 'running';
  return status === 'stopped' ? 'ended' : status;
}

/** ISO 8601; null for none. */
export function isoTime(time: number | undefined): string | null {
  return time === undefined ? null : new Date(time).toISOString();
}
