import { compareSequence, type SequenceNumber } from '../../../shared/contract/sequence-number.ts';
import type { StreamLineage, Page, ShardReader, StoredRecord } from '../../../shared/counting/ports.ts';

export interface Shard {
  id: string;
  parents: readonly string[];
  /** The hashes of partition keys that it takes: from `low` up to, but not, `high`. */
  low: number;
  high: number;
  closed: boolean;
  /** Everything it ever took; what has been trimmed cannot be read any more. */
  records: StoredRecord[];
  trimmed: number;
}

/** A stream in memory, with the laws of Kinesis: order within a shard, resharding, retention. */
export interface MemoryStream {
  name: string;
  shards: ReadonlyMap<string, Shard>;
  /** @returns the shard that took it */
  put: (partitionKey: string, data: Uint8Array, at: number) => Shard | undefined;
  open: () => Shard[];
  split: (shard: Shard) => void;
  merge: (left: Shard, right: Shard) => void;
  /** Forgets the records that arrived before a time. */
  trim: (before: number) => void;
  /** What has left the stream altogether is unknown to it. */
  lineage: StreamLineage;
  /** Forgets closed shards without a record. */
  expire: () => void;
  reader: ShardReader;
}

const HASHES = 2 ** 32;
const RECORDS_PER_PAGE = 6;

export function createMemoryStream(name: string, shardCount: number): MemoryStream {
  const shards = new Map<string, Shard>();
  let put = 0;

  function addShard(low: number, high: number, parents: string[]): void {
    const id = `shardId-${String(shards.size).padStart(12, '0')}`;
    shards.set(id, { id, parents, low, high, closed: false, records: [], trimmed: 0 });
  }
  for (let index = 0; index < shardCount; index += 1) {
    addShard((HASHES * index) / shardCount, (HASHES * (index + 1)) / shardCount, []);
  }
  const open = () => [...shards.values()].filter(({ closed }) => !closed);
  const close = (shard: Shard) => (shard.closed = true);

  const expired = new Set<string>();

  function ancestorsOf(id: string): string[] {
    const parents = expired.has(id) ? [] : (shards.get(id)?.parents ?? []);
    return [...new Set(parents.flatMap((parent) => [...ancestorsOf(parent), parent]))];
  }

  return {
    name,
    shards,
    open,
    put(partitionKey, data, at) {
      const hash = hashOf(partitionKey);
      const shard = open().find(({ low, high }) => low <= hash && hash < high);
      put += 1;
      // 56 digits, as Kinesis gives them: more than any number type holds.
      shard?.records.push({ sequence: `4967${String(put * 7).padStart(52, '0')}`, data, arrival: at });
      return shard;
    },
    split(shard) {
      close(shard);
      const middle = (shard.low + shard.high) / 2;
      addShard(shard.low, middle, [shard.id]);
      addShard(middle, shard.high, [shard.id]);
    },
    merge(left, right) {
      close(left);
      close(right);
      addShard(left.low, right.high, [left.id, right.id]);
    },
    trim(before) {
      for (const shard of shards.values()) {
        const kept = shard.records.findIndex(({ arrival }) => arrival >= before);
        shard.trimmed = kept === -1 ? shard.records.length : kept;
      }
    },
    lineage: { ancestorsOf: (id) => Promise.resolve(ancestorsOf(id)), isListed: (id) => !expired.has(id) },
    expire() {
      for (const { id, closed, records, trimmed } of shards.values()) {
        if (closed && trimmed === records.length) expired.add(id);
      }
    },
    reader: { read: (id, after) => readPages(expired.has(id) ? undefined : shards.get(id), after) },
  };
}

/** Reads as the product's own reader does: see shared/stores/kinesis/reader.ts. */
async function* readPages(shard: Shard | undefined, after: SequenceNumber | undefined): AsyncGenerator<Page> {
  let last = after;
  for (let isFirst = true; shard; isFirst = false) {
    const held = shard.records.slice(shard.trimmed);
    const from = last;
    const records = held.filter(({ sequence }) => from === undefined || compareSequence(sequence, from) > 0);
    const gap = isFirst && from !== undefined && !held.some(({ sequence }) => sequence === from);
    const page = records.slice(0, RECORDS_PER_PAGE);
    yield await Promise.resolve({ records: page, trimmed: gap && page.length > 0, behindMs: 0 });
    if (page.length === 0) return;
    last = page.at(-1)?.sequence;
  }
  yield { records: [], trimmed: true, behindMs: 0 };
}

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  // FNV leaves short texts close together: spread them over the whole range.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return (hash ^ (hash >>> 16)) >>> 0;
}
