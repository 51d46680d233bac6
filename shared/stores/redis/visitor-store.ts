import type { Result } from 'ioredis';
import { experimentId, fieldOf, type ExperimentRef } from '../../contract/experiment-id.ts';
import type { RedisClient } from './client.ts';
import type { Code } from '../../counting/visitors/codes.ts';
import type { ReadRecord, RecordUpdate, VisitorStore } from '../../counting/visitors/visitor-records.ts';
import { createKeyList, type KeyList } from './key-list.ts';
import { bucketBits, bucketOf, createRedisKeys, type RedisKeys } from './keys.ts';
import readVisitorsLua from './lua/read-visitors.lua';
import replaceVisitorsLua from './lua/replace-visitors.lua';
import {
  CONTENT_DIGEST_BYTES,
  contentDigest,
  decodeVisitor,
  dropStates,
  encodeVisitor,
  experimentsIn,
  hasWaiting,
  newestWaiting,
  putWaiting,
  VISITOR_DIGEST_BYTES,
  visitorOf,
  type Visitor,
} from '../../counting/visitors/visitor-record.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    memReadVisitorsBuffer(
      numberOfKeys: number,
      ...keysAndArguments: (string | Buffer)[]
    ): Result<(Buffer | null)[], Context>;
    memReplaceVisitors(numberOfKeys: number, ...keysAndArguments: (string | Buffer)[]): Result<number[], Context>;
  }
}

/** @param prefix the hash tag under which every key lies */
export function createVisitorStore(redis: RedisClient, prefix: string): VisitorStore {
  const keys = createRedisKeys(prefix);
  redis.defineCommand('memReadVisitors', { lua: readVisitorsLua });
  redis.defineCommand('memReplaceVisitors', { lua: replaceVisitorsLua });

  async function readVisitors(generation: string, visitors: readonly Visitor[]): Promise<ReadRecord[]> {
    const records: ReadRecord[] = [];
    for (let first = 0; first < visitors.length; first += VISITORS_PER_CALL) {
      const page = visitors.slice(first, first + VISITORS_PER_CALL);
      const list = createKeyList();
      const rows = packRows(page, list, generation, keys);
      const values = await redis.memReadVisitorsBuffer(list.keys.length, ...list.keys, rows);
      records.push(...values.map((value) => toReadRecord(value)));
    }
    return records;
  }

  return {
    readVisitors,

    async readCodes(generation, of) {
      const pipeline = redis.pipeline();
      for (const dictionary of of) pipeline.hgetall(keys.codes(generation, dictionary));
      const replies = (await pipeline.exec()) ?? [];
      return replies.map(([error, fields]) => {
        if (error) throw error;
        return new Map(Object.entries(fields as Record<string, string>).map(([code, name]) => [fromHex(code), name]));
      });
    },

    async readWaiting(generation, shard, before, most) {
      const key = keys.waiting(generation, shard);
      const members = await redis.zrangebyscore(key, '-inf', `(${before}`, 'LIMIT', 0, most);
      return members.map((member) => ({
        namespace: member.slice(HEX_DIGEST),
        digest: Buffer.from(member.slice(0, HEX_DIGEST), 'hex'),
      }));
    },

    async replace(generation, updates, guard) {
      const list = createKeyList([guard?.key ?? keys.pointer]);
      const rows = packRecords(updates, list, generation, keys);
      const answers = await redis.memReplaceVisitors(list.keys.length, ...list.keys, guard?.value ?? '', rows);
      return answers.map((answer) => answer === 1);
    },

    async readBucket(generation, namespace, bucket) {
      const fields = await redis.hkeysBuffer(keys.visitors(generation, namespace, bucket));
      const visitors = fields.map((digest): Visitor => ({ namespace, digest }));
      const records = await readVisitors(generation, visitors);
      return visitors.map((visitor, index) => ({ visitor, read: records[index] }));
    },
  };
}

/** Managed Redis takes at most 3,999 arguments to one command. */
const VISITORS_PER_CALL = 2_000;

/** Codes lie in dictionaries in hexadecimal, since clients take the names of fields for text. */
export function toHex(code: Code): string {
  return Buffer.from(code, 'latin1').toString('hex');
}

function fromHex(code: string): Code {
  return Buffer.from(code, 'hex').toString('latin1');
}

/** A value with more than this many bytes would turn its whole bucket from 52 bytes a field into 131. */
const MAX_SMALL_BYTES = 64;
/** Where the content of a large record would begin; no MessagePack begins with it. */
const LARGE = 0xc1;
const ABSENT = Buffer.alloc(CONTENT_DIGEST_BYTES);

const ACTION = { keep: 0, put: 1, putSmall: 2, putLarge: 3, remove: 4 } as const;

function isLarge(content: Uint8Array): boolean {
  return CONTENT_DIGEST_BYTES + content.length > MAX_SMALL_BYTES;
}

/** What lua/read-visitors.lua answers for one visitor. */
function toReadRecord(value: Buffer | null): ReadRecord {
  if (value === null) return undefined;
  const digest = value.subarray(0, CONTENT_DIGEST_BYTES);
  return { digest, content: value.subarray(CONTENT_DIGEST_BYTES + (value[CONTENT_DIGEST_BYTES] === LARGE ? 1 : 0)) };
}

function bucketKeys(namespace: string, list: KeyList, generation: string, keys: RedisKeys) {
  const bits = bucketBits(generation);
  return {
    large: list.indexOf(keys.largeVisitors(generation, namespace)),
    bucketOf: (digest: Buffer) => list.indexOf(keys.visitors(generation, namespace, bucketOf(digest, bits))),
  };
}

/** As lua/read-visitors.lua wants them. */
function packRows(visitors: readonly Visitor[], list: KeyList, generation: string, keys: RedisKeys): Buffer {
  const rowBytes = 4 + VISITOR_DIGEST_BYTES;
  const rows = Buffer.allocUnsafe(visitors.length * rowBytes);
  visitors.forEach(({ namespace, digest }, index) => {
    const { large, bucketOf } = bucketKeys(namespace, list, generation, keys);
    rows.writeUInt16BE(bucketOf(digest), index * rowBytes);
    rows.writeUInt16BE(large, index * rowBytes + 2);
    digest.copy(rows, index * rowBytes + 4);
  });
  return rows;
}

/** As lua/apply-slice.lua wants them. */
export function packRecords(
  updates: readonly RecordUpdate[],
  list: KeyList,
  generation: string,
  keys: RedisKeys,
): Buffer {
  return Buffer.concat(
    updates.flatMap(({ visitor: { namespace, digest }, read, content }) => {
      const { large, bucketOf } = bucketKeys(namespace, list, generation, keys);
      const valueBytes = content === undefined ? 0 : CONTENT_DIGEST_BYTES + content.length;
      const head = Buffer.allocUnsafe(2 + VISITOR_DIGEST_BYTES + CONTENT_DIGEST_BYTES + 1 + 2 + 2);
      let at = head.writeUInt16BE(bucketOf(digest), 0);
      at += digest.copy(head, at);
      at += (read?.digest ?? ABSENT).copy(head, at);
      at = head.writeUInt8(actionFor(read, content), at);
      at = head.writeUInt16BE(large, at);
      head.writeUInt16BE(valueBytes, at);
      return content === undefined ? [head] : [head, contentDigest(content), content];
    }),
  );
}

const HEX_DIGEST = 2 * VISITOR_DIGEST_BYTES;

/** The members of the set of those whose goals wait, as lua/apply-slice.lua wants them. */
export function packWaiting(updates: readonly RecordUpdate[], key: number) {
  const put: (number | string)[] = [];
  const removed: string[] = [];
  for (const { visitor, read, content } of updates) {
    if (content === undefined) continue;
    const member = visitor.digest.toString('hex') + visitor.namespace;
    const newest = newestWaiting(content);
    if (newest !== undefined) put.push(newest, member);
    else if (!read || hasWaiting(read.content)) removed.push(member);
  }
  return { key, put, removed };
}

function actionFor(read: ReadRecord, content: Buffer | undefined): number {
  if (content === undefined) return ACTION.keep;
  if (content.length === 0) return ACTION.remove;
  if (isLarge(content)) return ACTION.putLarge;
  return read && isLarge(read.content) ? ACTION.putSmall : ACTION.put;
}

/** @returns those of the experiments that the visitor had been exposed in */
export async function forgetUnit(
  store: VisitorStore,
  generation: string,
  refs: readonly ExperimentRef[],
  unit: string,
): Promise<ExperimentRef[]> {
  const byNamespace = new Map<string, ExperimentRef[]>();
  for (const ref of refs) byNamespace.set(ref.namespace, [...(byNamespace.get(ref.namespace) ?? []), ref]);
  const found: ExperimentRef[] = [];
  for (const [namespace, ofNamespace] of byNamespace) {
    const [codes = new Map<Code, string>()] = await store.readCodes(generation, [fieldOf(namespace)]);
    const out = new Map(ofNamespace.map((ref) => [experimentId(ref), ref]));
    const refOf = (code: Code) => out.get(codes.get(code) ?? '');
    const dropped = await dropFromRecord(store, generation, visitorOf({ namespace, unit }), (code) => !!refOf(code));
    found.push(...dropped.flatMap((code) => refOf(code) ?? []));
  }
  return found;
}

/** @returns the codes of the states that were in the record */
async function dropFromRecord(
  store: VisitorStore,
  generation: string,
  visitor: Visitor,
  isOut: (code: Code) => boolean,
): Promise<Code[]> {
  for (;;) {
    const [read] = await store.readVisitors(generation, [visitor]);
    if (!read) return [];
    const record = decodeVisitor(read.content);
    const out = experimentsIn(record).filter(isOut);
    if (out.length === 0 && !hasWaiting(read.content)) return [];
    dropStates(record, isOut);
    putWaiting(record, []);
    const content = record.elements.length === 0 ? Buffer.alloc(0) : encodeVisitor(record);
    const [replaced] = await store.replace(generation, [{ visitor, read, content }]);
    if (replaced) return out;
  }
}
