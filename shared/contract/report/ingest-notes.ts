/** What the ingest endpoint has noticed of one experiment; see functions/ingest/noticed.ts. */
export interface IngestNotes {
  /** What clients have called their control, by name: more than one where they disagree. */
  controls: readonly string[];
  /** What could not be used, lately. */
  leftOut: readonly LeftOutCount[];
  /** ms since 1970 from which `leftOut` counts; undefined where it is empty */
  since: number | undefined;
}

/** Approximate: an instance that ends before it has told takes its last ten seconds with it. */
export interface LeftOutCount {
  reason: LeftOutReason;
  events: number;
}

/** Of these, an event was refused as a whole. */
export const refusedReasons = ['unusable_unit', 'unsigned', 'bad_signature', 'invalid'] as const;

/** A part of an event that counts without it, a refused event, or one of a crawler. */
export type LeftOutReason = (typeof refusedReasons)[number] | 'value' | 'segments' | 'crawler' | 'other';

export const NOTHING_NOTICED: IngestNotes = { controls: [], leftOut: [], since: undefined };
