import type { ClaimReader, Deletions, Losses, Page, ShardReader, StoredRecord } from './ports.ts';
import { NO_UPDATE, type Counters } from './counters.ts';
import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';
import { applyRecords, type Applied, type Target } from './apply.ts';
import type { CountEvents } from './visitors/count-events.ts';
import { findCountableEvents, type CountableRecord, decodeBatch } from './decode.ts';
import { readClaims } from './dedupe.ts';
import { shardIdOf } from './position.ts';

export interface CatchUpDeps {
  counters: Pick<Counters, 'apply'>;
  countEvents: CountEvents;
  claims: ClaimReader;
  deletions: Pick<Deletions, 'read'>;
  losses: Pick<Losses, 'record'>;
  reader: ShardReader;
  /** ms since 1970 */
  now: () => number;
  /** Told after each page, for progress bars and metrics. */
  onPage: (progress: CatchUpProgress) => void;
}

export interface CatchUpProgress extends Applied {
  shard: string;
  /** When the page's last record arrived, ms; undefined for a page without records. */
  arrival: number | undefined;
}

/** How far to go, and where counting began: what has left the stream since then is a loss. */
export interface Goal {
  until: SequenceNumber;
  first: SequenceNumber;
}

/** `moved`: somebody else changed the watermark, the pointer or set a hold; `unfinished`: go on later. */
export type CaughtUp = 'done' | 'unfinished' | 'moved';

/** In quarantine since the first time: nothing is to be kept again. */
const alreadyQuarantined = () => Promise.resolve();

/**
 * Counts a shard's records again, from its watermark up to a record whose claims, and those of all before it, have been
 * decided already. It can stop anywhere and go on later, because the watermark moves with it.
 */
export async function catchUp(
  target: Target,
  goal: Goal,
  deps: CatchUpDeps,
  timeLeft: () => number,
): Promise<CaughtUp> {
  const { shard } = target;
  let watermark = target.watermarks.get(shard);
  const reached = () => watermark !== undefined && compareSequence(watermark, goal.until) >= 0;
  const here = (): Target => ({ ...target, watermarks: withWatermark(target, watermark) });
  if (reached()) return 'done';

  let isFirstRecord = true;
  for await (const page of deps.reader.read(shardIdOf(shard), watermark)) {
    const records = page.records.filter(({ sequence }) => compareSequence(sequence, goal.until) <= 0);
    if (page.records.length > 0 && (isFirstRecord || page.trimmed)) {
      isFirstRecord = false;
      await recordGap(page, watermark, target, goal, deps);
    }
    const applied: Applied = { records: 0, events: 0, counted: 0, copies: 0 };
    const outcome = await applyRecords(
      await toCountable(shard, records, deps),
      here(),
      applyDeps(deps, applied),
      timeLeft,
    );
    if (outcome.result !== 'applied') return 'moved';
    watermark = outcome.through ?? watermark;
    deps.onPage({ shard, arrival: records.at(-1)?.arrival, ...applied });

    const last = records.at(-1)?.sequence;
    if (last !== undefined && outcome.through !== last) return 'unfinished';
    if (reached()) return 'done';
    if (page.records.length > records.length) break; // past the goal: what was to be counted up to it is gone
  }
  return closeGap(here(), goal, deps);
}

async function toCountable(shard: string, records: StoredRecord[], deps: CatchUpDeps): Promise<CountableRecord[]> {
  return findCountableEvents(shard, await decodeBatch(shard, records, alreadyQuarantined), deps.deletions);
}

function applyDeps({ countEvents, claims }: CatchUpDeps, sum: Applied) {
  return {
    countEvents,
    settle: (slice: readonly CountableRecord[]) => readClaims(slice, claims),
    onApplied: ({ records, events, counted, copies }: Applied) => {
      sum.records += records;
      sum.events += events;
      sum.counted += counted;
      sum.copies += copies;
    },
  };
}

/** Records a loss where the stream no longer holds what comes next after the watermark. */
async function recordGap(
  { records, trimmed }: Page,
  watermark: SequenceNumber | undefined,
  { shard, generation }: Target,
  { first }: Goal,
  deps: CatchUpDeps,
): Promise<void> {
  const oldest = records[0];
  if (!oldest) return;
  const begunLater = watermark === undefined && compareSequence(oldest.sequence, first) > 0;
  if (!trimmed && !begunLater) return;
  const from = watermark ?? first;
  await deps.losses.record({ shard, generation, from, to: oldest.sequence, countedSince: oldest.arrival });
}

/** Nothing is left in the stream up to the goal: says so, moves the watermark there with an empty sum, and goes on. */
async function closeGap(target: Target, { until, first }: Goal, deps: CatchUpDeps): Promise<CaughtUp> {
  const { shard, generation } = target;
  const watermark = target.watermarks.get(shard);
  await deps.losses.record({ shard, generation, from: watermark ?? first, to: until, countedSince: deps.now() });
  const result = await deps.counters.apply({ ...target, expected: watermark, next: until }, NO_UPDATE);
  return result === 'applied' ? 'done' : 'moved';
}

function withWatermark({ shard, watermarks }: Target, watermark: SequenceNumber | undefined): Target['watermarks'] {
  return watermark === undefined ? watermarks : new Map([...watermarks, [shard, watermark]]);
}
