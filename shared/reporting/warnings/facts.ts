import type { Definition, Fault } from '../../contract/definition.ts';
import type { IngestNotes } from '../../contract/report/ingest-notes.ts';
import type { Span } from '../../stores/redis/tally-reader.ts';
import type { Analysis } from '../analyze.ts';
import type { Warning } from '../../contract/answers.ts';
import type { Arrangement } from '../arrange.ts';
import type { Participation } from '../participation.ts';
import type { Tally } from '../tally.ts';

/** What is known of one experiment when it is looked at for faults. Times are ms since 1970. */
export interface Facts {
  arrangement: Arrangement;
  /** Of what is shown: all visitors, or one segment. */
  tally: Tally;
  /** Of all visitors. */
  whole: Tally;
  /** Of all visitors. */
  participation: Participation;
  analysis: Pick<Analysis, 'sampleRatio' | 'goals'>;
  definition: Definition | undefined;
  /** What is wrong with the stored definition. */
  faults: readonly Fault[];
  notes: IngestNotes;
  /** First and last event. */
  span: Span | undefined;
  /** The last event of any experiment. */
  newest: number | undefined;
  countedSince: number | undefined;
  rebuilding: boolean;
  /** segment -> how many events carry it; a list does not read them */
  labels?: Readonly<Record<string, string>>;
  now: number;
}

/** Looks for one kind of fault. */
export type Check = (facts: Facts) => Warning[];

export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** `"a", "b" and "c"` */
export function listed(names: readonly string[]): string {
  const quoted = names.map((name) => JSON.stringify(name));
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted.at(-1) ?? ''}`;
}

/** `1 unit`, `1,200 units` */
export function countNoun(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
