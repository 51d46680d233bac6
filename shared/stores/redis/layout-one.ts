import { randomUUID } from 'node:crypto';
import type { Result } from 'ioredis';
import { Decoder } from '@msgpack/msgpack';
import type { RedisClient } from './client.ts';
import { LostLock, type Carrier, type LayoutOne, type UnitState } from '../../counting/layout-one/layout-one.ts';
import { addUpLabels } from './counters.ts';
import { createRedisKeys } from './keys.ts';
import carryHashLua from './lua/carry-hash.lua';
import carryKeysLua from './lua/carry-keys.lua';
import serveCarriedLua from './lua/serve-carried.lua';
import { BrokenRecord } from '../../counting/visitors/visitor-record.ts';
import { readHash } from './read-hash.ts';
import { createVisitorStore, toHex } from './visitor-store.ts';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    memCarryHash(numberOfKeys: number, ...keysAndArguments: string[]): Result<0 | 1, Context>;
    memCarryKeys(numberOfKeys: number, ...keysAndArguments: string[]): Result<0 | 1, Context>;
    memServeCarried(
      numberOfKeys: number,
      ...keysAndArguments: string[]
    ): Result<'served' | 'moved' | 'overtaken', Context>;
  }
}

const LOCK_SECONDS = 60;
const HOLD_SECONDS = 30;
const UNITS_PER_PAGE = 1_000;
/** Managed Redis takes at most 3,999 arguments to one command. */
const FIELDS_PER_WRITE = 1_500;
const KEYS_PER_COPY = 200;

/** Goals may have any name, `__proto__` as well, which the decoder refuses: each gets a letter before it. */
const decoder = new Decoder({
  keyDecoder: {
    canBeCached: () => true,
    decode: (bytes, offset, length) => `g${Buffer.from(bytes.buffer, bytes.byteOffset + offset, length).toString()}`,
  },
});

/** @param prefix the hash tag under which every key lies */
export function createLayoutOne(redis: RedisClient, prefix: string): LayoutOne {
  const keys = createRedisKeys(prefix);
  const visitors = createVisitorStore(redis, prefix);
  const old = (generation: string, kind: string, ...rest: string[]) => [prefix, generation, kind, ...rest].join(':');
  redis.defineCommand('memCarryHash', { lua: carryHashLua });
  redis.defineCommand('memCarryKeys', { lua: carryKeysLua });
  redis.defineCommand('memServeCarried', { lua: serveCarriedLua });

  async function readUnits(generation: string, id: string, units: readonly string[]) {
    const states = new Map<string, UnitState | undefined>();
    for (let first = 0; first < units.length; first += UNITS_PER_PAGE) {
      const page = units.slice(first, first + UNITS_PER_PAGE);
      const values = await redis.hmgetBuffer(old(generation, 'units', id), ...page);
      page.forEach((unit, index) => {
        const value = values[index];
        states.set(unit, value ? decodeUnit(value) : undefined);
      });
    }
    return states;
  }

  function createCarrier(token: string): Carrier {
    const writeHash = async (key: string, fields: readonly string[], isNew: boolean) => {
      for (let first = 0; first === 0 || first < fields.length; first += 2 * FIELDS_PER_WRITE) {
        const part = fields.slice(first, first + 2 * FIELDS_PER_WRITE);
        if (part.length === 0 && !isNew) return;
        const begins = isNew && first === 0 ? 'yes' : 'no';
        if ((await redis.memCarryHash(2, keys.carryLock, key, token, begins, ...part)) === 0) throw lost();
      }
    };
    const copyKeys = async (pairs: readonly string[]) => {
      for (let first = 0; first < pairs.length; first += 2 * KEYS_PER_COPY) {
        const part = pairs.slice(first, first + 2 * KEYS_PER_COPY);
        if ((await redis.memCarryKeys(1 + part.length, keys.carryLock, ...part, token)) === 0) throw lost();
      }
    };
    const lost = () => new LostLock('somebody else carries the counters over');

    return {
      async renew() {
        if ((await redis.get(keys.carryLock)) !== token) throw lost();
        await redis.expire(keys.carryLock, LOCK_SECONDS);
      },

      async begin({ from, to, at, watermarks }) {
        const fields = { from, to, at: `${at}`, watermarks: JSON.stringify([...watermarks]) };
        await writeHash(keys.carrying, Object.entries(fields).flat(), true);
      },

      done: (id) => writeHash(keys.carrying, [`done ${id}`, 'yes'], false),
      reached: (id, place) => writeHash(keys.carrying, [`reached ${id}`, place], false),

      async copyCounters({ from, to }, id) {
        const counts = await readHash(redis, old(from, 'counts', id));
        const moments = await readHash(redis, old(from, 'moments', id));
        const [whole, segments] = splitSegments(counts);
        const [wholeMoments, segmentMoments] = splitSegments(moments);
        await writeHash(keys.counts(to, id), whole, true);
        await writeHash(keys.segments(to, id), segments, true);
        await writeHash(keys.labels(to, id), labelsOf(segments), true);
        await writeHash(keys.moments(to, id), wholeMoments, true);
        await writeHash(keys.segmentMoments(to, id), segmentMoments, true);
        const uniques = whole
          .filter((_, index) => index % 2 === 0)
          .flatMap((pair) => [old(from, 'uniques', id, pair), keys.uniques(to, id, pair)]);
        await copyKeys([old(from, 'days', id), keys.days(to, id), ...uniques]);
        const total = whole.filter((_, index) => index % 2 === 1).reduce((sum, count) => sum + Number(count), 0);
        await writeHash(keys.totals(to), [id, `${total}`], false);
      },

      copyLists: ({ from, to }) =>
        copyKeys([old(from, 'experiments'), keys.experiments(to), old(from, 'activity'), keys.activity(to)]),

      writeCodes: (generation, of, codes) =>
        writeHash(
          keys.codes(generation, of),
          [...codes].flatMap(([code, name]) => [toHex(code), name]),
          false,
        ),

      async replace(generation, updates) {
        const replaced = await visitors.replace(generation, updates, { key: keys.carryLock, value: token });
        if (updates.length > 0 && replaced.length === 0) throw lost();
        return replaced;
      },

      async hold() {
        await redis.set(keys.hold, token, 'EX', HOLD_SECONDS);
      },

      serve: ({ from, to }, watermarks) => {
        const marks = [old(from, 'watermarks'), keys.watermarks(to)];
        const touched = [keys.pointer, keys.layoutOnePointer, keys.hold, keys.carryLock, ...marks, keys.carrying];
        return redis.memServeCarried(touched.length, ...touched, token, from, to, ...[...watermarks].flat());
      },

      async giveUp() {
        await redis.del(keys.carrying);
      },

      async release() {
        if ((await redis.get(keys.hold)) === token) await redis.del(keys.hold);
        if ((await redis.get(keys.carryLock)) === token) await redis.del(keys.carryLock);
      },
    };
  }

  return {
    visitors,
    readPointer: async () => (await redis.get(keys.layoutOnePointer)) ?? undefined,
    readWatermarks: async (generation) => new Map(Object.entries(await redis.hgetall(old(generation, 'watermarks')))),
    experiments: (generation) => redis.smembers(old(generation, 'experiments')),
    readUnits,

    async *scanUnits(generation, id, from) {
      // A cursor means nothing to another process: each hashes in its own way.
      const run = await readRun(redis);
      let cursor = from?.startsWith(`${run} `) ? from.slice(run.length + 1) : '0';
      do {
        const key = old(generation, 'units', id);
        const [next, page] = await redis.hscanBuffer(key, cursor, 'COUNT', UNITS_PER_PAGE);
        const states = new Map<string, UnitState>();
        for (let i = 0; i + 1 < page.length; i += 2) {
          states.set(page[i]?.toString() ?? '', decodeUnit(page[i + 1] ?? Buffer.alloc(0)));
        }
        cursor = next.toString();
        yield { units: states, next: `${run} ${cursor}` };
      } while (cursor !== '0');
    },

    async readCarrying() {
      const { from, to, at, watermarks, ...others } = await redis.hgetall(keys.carrying);
      if (from === undefined || to === undefined || watermarks === undefined) return undefined;
      return {
        from,
        to,
        at: Number(at),
        watermarks: new Map(JSON.parse(watermarks) as [string, string][]),
        done: new Set(fieldsOf('done ', others).map(([id]) => id)),
        reached: new Map(fieldsOf('reached ', others)),
      };
    },

    async lock() {
      const token = `carry ${randomUUID()}`;
      const taken = await redis.set(keys.carryLock, token, 'EX', LOCK_SECONDS, 'NX');
      return taken === 'OK' ? createCarrier(token) : undefined;
    },
  };
}

function fieldsOf(beginning: string, fields: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(fields)
    .filter(([field]) => field.startsWith(beginning))
    .map(([field, value]) => [field.slice(beginning.length), value]);
}

/** Names the process of Redis that answers; '' where it does not tell. */
async function readRun(redis: RedisClient): Promise<string> {
  return /run_id:(\w+)/.exec(await redis.info('server'))?.[1] ?? '';
}

/** Fields of the whole, and fields of segments: [field, value, …] */
function splitSegments(fields: Readonly<Record<string, string>>): [string[], string[]] {
  const entries = Object.entries(fields);
  const isSegment = ([field]: [string, string]) => field.split(':').length > 2;
  return [entries.filter((entry) => !isSegment(entry)).flat(), entries.filter(isSegment).flat()];
}

/** How many events carry each segment: [segment, events, …] */
function labelsOf(segments: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (let i = 0; i + 1 < segments.length; i += 2) counts.set(segments[i] ?? '', Number(segments[i + 1]));
  return [...addUpLabels(counts)].flatMap(([label, events]) => [label, `${events}`]);
}

/** What 0.1.0's script packs: { variant, crossed over?, segments, { goal = { n, v } } } */
function decodeUnit(value: Buffer): UnitState {
  const unit = decoder.decode(value);
  if (!Array.isArray(unit)) throw new BrokenRecord('expected the state of a unit of layout 1');
  const [variant, crossedOver, segments, goals] = unit as [string, boolean, string[], object];
  const sums = Object.entries(goals) as [string, [number, number]][]; // an empty table is an array in Lua
  return {
    variant,
    crossedOver,
    segments: Array.isArray(segments) ? segments : [],
    goals: new Map(sums.map(([goal, [n, v]]) => [goal.slice(1), { n, v }])),
  };
}
