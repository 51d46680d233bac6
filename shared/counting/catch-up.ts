import type { ClaimReader, Deletions, Losses, Page, ShardReader, StoredRecord, RecordFormats } from './ports.ts';
import { NO_UPDATE, type Counters } from './counters.ts';
import type { EventLog, LogPage, LostBeginning, UnusableLogFile } from './log/event-log.ts';
import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';
import { applyRecords, type Applied, type ApplyDeps, type Target } from './apply.ts';
import type { CountEvents } from './visitors/count-events.ts';
import {
  decodeBatch,
  findCountableEvents,
  incarnationOf,
  readIncarnations,
  refuseNewer,
  type CountableRecord,
  type DecodedBatch,
} from './decode.ts';
import { readClaims } from './dedupe.ts';
import { shardIdOf } from './position.ts';

export interface CatchUpDeps {
  counters: Pick<Counters, 'apply'>;
  countEvents: CountEvents;
  claims: ClaimReader;
  deletions: Pick<Deletions, 'read'>;
  formats: RecordFormats;
  losses: Pick<Losses, 'record'>;
  reader: ShardReader;
  log: Pick<EventLog, 'read'>;
  /** Told of a file that cannot be used, which is then a loss; without it, such a file is an error. */
  onUnusableFile?: (fault: UnusableLogFile) => void;
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

  for await (const page of deps.log.read(shard, watermark, deps.onUnusableFile)) {
    if (page.lost) await recordLoss(watermark ?? goal.first, page.lost, target, deps);
    const records = await toSettled(page, goal.until, deps);
    const counted = await countPage(records, here(), settleAll, page.arrival, deps, timeLeft);
    watermark = counted.watermark ?? watermark;
    if (counted.result !== 'whole') return counted.result;
    if (reached()) return 'done';
  }

  let isFirstRecord = true;
  for await (const page of deps.reader.read(shardIdOf(shard), watermark)) {
    const records = page.records.filter(({ sequence }) => compareSequence(sequence, goal.until) <= 0);
    if (page.records.length > 0 && (isFirstRecord || page.trimmed)) {
      isFirstRecord = false;
      await recordGap(page, watermark, target, goal, deps);
    }
    const { countable, newer } = await toCountable(shard, records, deps);
    const arrival = records.at(-1)?.arrival;
    const counted = await countPage(countable, here(), settleByClaims(deps), arrival, deps, timeLeft);
    watermark = counted.watermark ?? watermark;
    if (counted.result !== 'whole') return counted.result;
    if (reached()) return 'done';
    refuseNewer(shard, newer);
    if (page.records.length > records.length) break; // past the goal: what was to be counted up to it is gone
  }
  return closeGap(here(), goal, deps);
}

async function toCountable(
  shard: string,
  records: StoredRecord[],
  { formats, deletions }: CatchUpDeps,
): Promise<{ countable: CountableRecord[]; newer: DecodedBatch['newer'] }> {
  const { records: decoded, newer } = await decodeBatch(shard, records, formats, alreadyQuarantined);
  return { countable: await findCountableEvents(shard, decoded, deletions), newer };
}

type Settle = ApplyDeps['settle'];

function settleByClaims({ claims }: CatchUpDeps): Settle {
  return (slice) => readClaims(slice, claims);
}

/** What has a row in the log, counts. */
const settleAll: Settle = (slice) =>
  Promise.resolve({ records: slice.length, owned: slice.flatMap(({ events }) => events), copies: 0 });

/** @returns the watermark that was reached, and whether that is the end of the page */
async function countPage(
  records: readonly CountableRecord[],
  target: Target,
  settle: Settle,
  arrival: number | undefined,
  { countEvents, onPage }: CatchUpDeps,
  timeLeft: () => number,
): Promise<{ result: 'whole' | 'unfinished' | 'moved'; watermark?: SequenceNumber | undefined }> {
  const sum: Applied = { records: 0, events: 0, counted: 0, copies: 0 };
  const onApplied = ({ records, events, counted, copies }: Applied) => {
    sum.records += records;
    sum.events += events;
    sum.counted += counted;
    sum.copies += copies;
  };
  const outcome = await applyRecords(records, target, { countEvents, settle, onApplied }, timeLeft);
  if (outcome.result !== 'applied') return { result: 'moved' };
  onPage({ shard: target.shard, arrival, ...sum });
  const last = records.at(-1)?.sequence;
  const isWhole = last === undefined || outcome.through === last;
  return { result: isWhole ? 'whole' : 'unfinished', watermark: outcome.through };
}

/** Claims have been decided, so nobody asks for an event's id again. */
const NO_ID = new Uint8Array(0);

/**
 * The records of a page of the log, up to one of them: their events of living incarnations count, all of them. The last
 * one stands for every record up to there, also for those without a row.
 */
async function toSettled(
  { events, through }: LogPage,
  until: SequenceNumber,
  { deletions }: CatchUpDeps,
): Promise<CountableRecord[]> {
  const incarnations = await readIncarnations(
    events.map(({ event }) => event),
    deletions,
  );
  const records: CountableRecord[] = [];
  for (const { event, incarnation, at, sequence } of events) {
    if (compareSequence(sequence, until) > 0) break;
    const { number, since } = incarnationOf(event, incarnations);
    if (records.at(-1)?.sequence !== sequence) records.push({ sequence, events: [] });
    if (incarnation !== number || at < since) continue;
    records.at(-1)?.events.push({ event, incarnation, claim: { id: NO_ID, owner: '', at } });
  }
  const end = compareSequence(through, until) < 0 ? through : until;
  if (records.at(-1)?.sequence !== end) records.push({ sequence: end, events: [] });
  return records;
}

async function recordLoss(
  from: SequenceNumber,
  { to, countedSince }: LostBeginning,
  { shard, generation }: Target,
  { losses }: CatchUpDeps,
): Promise<void> {
  await losses.record({ shard, generation, from, to, countedSince });
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
