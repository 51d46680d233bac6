import { compareSequence, type SequenceNumber } from '../../../shared/contract/sequence-number.ts';
import type { LogFileHeader, LoggedEvent } from '../../../shared/counting/log/event-log.ts';
import type { Loss } from '../../../shared/counting/ports.ts';
import { shardName } from '../../../shared/counting/position.ts';
import { openEventFile } from '../../../shared/stores/log/event-file.ts';
import { findCounted, incarnationOf, type AcknowledgedEvent } from './oracle.ts';
import type { Shard } from '../world/memory-stream.ts';
import type { World } from '../world/world.ts';

interface File {
  header: LogFileHeader;
  rows: LoggedEvent[];
}

/** Reads every file that there is, as a glob does: it knows of no chain. */
async function readFiles({ objects }: World): Promise<File[]> {
  return Promise.all(
    [...(objects?.contents ?? [])].map(async ([name, bytes]) => {
      const { header, pages } = openEventFile(bytes, name);
      const rows: LoggedEvent[] = [];
      for await (const page of pages()) rows.push(...page);
      return { header, rows };
    }),
  );
}

export interface CheckedFiles {
  complaints: string[];
  /** Whether an event left the stream before it came into a file, and a file says so. */
  isLost: (entry: AcknowledgedEvent) => boolean;
  /** Whether a file says so of records of what counters are said to have lost. */
  isToldOf: (loss: Loss) => boolean;
}

/**
 * The rows of living incarnations are the events that count, each once, but for what is said to be lost; and nothing is
 * said to be lost that is not.
 */
export async function checkFiles(world: World): Promise<CheckedFiles> {
  const { acknowledged, tables } = world;
  const files = await readFiles(world);
  const complaints: string[] = [];
  const rows = new Map<string, number>();
  for (const { header, rows: events } of files) {
    for (const row of events) {
      if (!isLiving(row, world)) continue;
      const place = `${header.shard}/${row.sequence}#${row.index}`;
      rows.set(place, (rows.get(place) ?? 0) + 1);
    }
  }
  const ranges = files.flatMap(({ header }) => lostRangeOf(header) ?? []);
  const logged = new Set(rows.keys());
  const isLost = ({ place }: AcknowledgedEvent) => !logged.has(place) && ranges.some((range) => isWithin(range, place));
  for (const entry of findCounted(acknowledged, tables)) {
    const times = rows.get(entry.place) ?? 0;
    rows.delete(entry.place);
    if (times > 1) complaints.push(`${entry.place} has ${times} rows in the log`);
    if (times === 0 && !ranges.some((range) => isWithin(range, entry.place))) {
      complaints.push(`${entry.place} is missing in the log, and not said to be lost`);
    }
  }
  for (const place of rows.keys()) complaints.push(`${place} is in the log, but does not count`);
  for (const range of ranges.filter((lost) => isEmpty(lost, world))) {
    complaints.push(`${range.shard} lost nothing after ${range.from}`);
  }
  const isToldOf = ({ shard, from, to }: Loss) =>
    ranges.some(
      (range) => range.shard === shard && compareSequence(from, range.to) <= 0 && compareSequence(to, range.from) > 0,
    );
  return { complaints, isLost, isToldOf };
}

function isLiving({ event, incarnation, at }: LoggedEvent, { tables }: World): boolean {
  const { number, since } = incarnationOf(event, tables);
  return incarnation === number && at >= since;
}

/** The first end is outside. */
interface Range {
  shard: string;
  from: SequenceNumber;
  to: SequenceNumber;
  isToLost: boolean;
}

function lostRangeOf({ shard, from, lost, to, records }: LogFileHeader): Range | undefined {
  if (!lost) return undefined;
  // A file without records has lost its last one, too.
  return { shard, from: from ?? '', to: records === 0 ? to : lost.to, isToLost: records === 0 };
}

function isWithin(range: Range, place: string): boolean {
  const [, name = '', sequence = ''] = /^(.*)\/(\d+)#\d+$/.exec(place) ?? [];
  return name === range.shard && hasPassed(range, sequence);
}

function hasPassed({ from, to, isToLost }: Range, sequence: SequenceNumber): boolean {
  if (compareSequence(sequence, from) <= 0) return false;
  return isToLost ? compareSequence(sequence, to) <= 0 : compareSequence(sequence, to) < 0;
}

/** Where the archiver has not seen a shard for so long that nobody can tell, it may say that something is lost. */
function isEmpty(range: Range, world: World): boolean {
  if (world.archiverSlept) return false;
  const { records } = shardOf(range.shard, world) ?? { records: [] };
  return !records.some(({ sequence }) => hasPassed(range, sequence));
}

function shardOf(name: string, { stream }: World): Shard | undefined {
  return [...stream.shards.values()].find(({ id }) => shardName(stream.name, id) === name);
}

/** Whether everything that has left the stream is in files. */
export async function hasAllThatLeft(world: World): Promise<boolean> {
  if (!world.objects) return false;
  const files = await readFiles(world);
  if (files.some(({ header }) => header.lost)) return false;
  return [...world.stream.shards.values()].every(({ id, records, trimmed }) => {
    const last = records[trimmed - 1]?.sequence;
    if (last === undefined) return true;
    const ends = files.flatMap(({ header }) => (header.shard === shardName(world.stream.name, id) ? [header.to] : []));
    return ends.some((to) => compareSequence(to, last) >= 0);
  });
}
