import type { CounterReader, Counters } from '../../counting/counters.ts';
import type { Checkpoints, Generations } from '../../counting/ports.ts';
import { PermanentError } from '../../runtime/errors.ts';
import type { Installation } from '../dynamodb/installation.ts';
import type { RedisClient } from './client.ts';
import { findKeys, freeKeys } from './find-keys.ts';
import { createRedisKeys } from './keys.ts';
import { createLayoutOne } from './layout-one.ts';
import type { TallyReader } from './tally-reader.ts';

/** What lies under an installation's prefix belongs to another one, or may. */
export class ForeignRedis extends PermanentError {
  override name = 'ForeignRedis';
}

/** Says whose the counters under a prefix are: the id of an installation and its name lie beside the pointer. */
export interface Owner {
  /** @throws ForeignRedis where it is another installation's; nobody's is fine, since nothing is there */
  check: () => Promise<void>;
  /** Makes what is nobody's ours. @throws ForeignRedis where it is another installation's, or holds its counters */
  take: () => Promise<void>;
  /** What lies there, whosever it is. */
  look: () => Promise<Place>;
  /** Makes it ours whosever it was. @param erase else its counters are gone on with as they are */
  seize: (erase: boolean) => Promise<void>;
}

/** A prefix in Redis. */
export interface Place {
  prefix: string;
  owner: 'this installation' | 'another installation' | 'unknown' | 'nobody';
  /** The state table of its owner; undefined where nobody has left one. */
  stateTable: string | undefined;
  generation: string | undefined;
  /** The streams that are counted there. */
  streams: readonly string[];
}

/** @param checkpoints of this installation: they know the streams that it has counted */
export function createOwner(
  redis: RedisClient,
  { id, name, prefix }: Installation,
  stream: string,
  checkpoints: Pick<Checkpoints, 'readAll'>,
): Owner {
  const keys = createRedisKeys(prefix);

  const isOurs = (owner: string | null) => {
    if (owner === null) return false;
    const [ownerId, ownerName = ''] = owner.split(' ');
    if (ownerId === id) return true;
    throw foreign(`they are those of another installation, whose state table is ${ownerName}`);
  };

  function foreign(why: string): ForeignRedis {
    return new ForeignRedis(
      `The counters under ${prefix} in Redis are not those of this installation (state table ${name}): ${why}. ` +
        'Nothing is counted or read there. Give this installation another redisPrefix or another Redis, or let it ' +
        'take the place over: mem redis take --help',
    );
  }

  /** Before installations had ids they left none: the streams that were counted tell whose counters these are. */
  async function refuseOthersCounters(): Promise<void> {
    const ours = streamsOf([...(await checkpoints.readAll()).keys(), `${stream}/`]);
    const others = [...(await countedStreams())].filter((other) => !ours.has(other));
    if (others.length > 0) throw foreign(`they count the stream ${others.join(', ')}, too`);
  }

  /** Counters of version 0.1.0, too: they are carried over by their owner only. */
  async function countedStreams(): Promise<ReadonlySet<string>> {
    const layoutOne = createLayoutOne(redis, prefix);
    const [pointer, older] = await Promise.all([redis.get(keys.pointer), layoutOne.readPointer()]);
    const shards = pointer === null ? [] : await redis.hkeys(keys.watermarks(pointer));
    const olderShards = older === undefined ? [] : [...(await layoutOne.readWatermarks(older)).keys()];
    return streamsOf([...shards, ...olderShards]);
  }

  return {
    async check() {
      isOurs(await redis.get(keys.owner));
    },
    async take() {
      if (isOurs(await redis.get(keys.owner))) return;
      await refuseOthersCounters();
      await redis.setnx(keys.owner, `${id} ${name}`);
      isOurs(await redis.get(keys.owner));
    },
    async look() {
      const [owner, pointer, older] = await redis.mget(keys.owner, keys.pointer, keys.layoutOnePointer);
      const generation = pointer ?? older ?? undefined;
      const [ownerId, stateTable] = owner?.split(' ') ?? [];
      const known = ownerId === id ? 'this installation' : 'another installation';
      return {
        prefix,
        owner: ownerId !== undefined ? known : generation === undefined ? 'nobody' : 'unknown',
        stateTable,
        generation,
        streams: [...(await countedStreams())],
      };
    },
    async seize(erase) {
      if (erase) {
        await redis.set(keys.owner, `nobody ${BEING_ERASED}`); // from here on nobody counts or reads
        const found = await findKeys(redis, `${prefix}:`);
        found.delete(keys.owner);
        await freeKeys(redis, [...found]);
      }
      await redis.set(keys.owner, `${id} ${name}`);
    },
  };
}

/** In the place of a state table's name, while an installation takes a place over. */
const BEING_ERASED = 'being-erased';

/** Of shards as watermarks name them: `stream/shard`. */
function streamsOf(shards: readonly string[]): ReadonlySet<string> {
  return new Set(shards.map((shard) => shard.slice(0, shard.indexOf('/'))));
}

/** Counters that are asked for with every batch whose they are, in the same trip. */
export function countersOf(owner: Owner, counters: Counters): Counters {
  return {
    ...counters,
    async readPointer() {
      const [pointer] = await Promise.all([counters.readPointer(), owner.take()]);
      return pointer;
    },
    async initPointer(generation) {
      await owner.take();
      return counters.initPointer(generation);
    },
  };
}

export function counterReaderOf(owner: Owner, reader: CounterReader): CounterReader {
  return {
    ...reader,
    async generation() {
      const [generation] = await Promise.all([reader.generation(), owner.check()]);
      return generation;
    },
  };
}

export function talliesOf(owner: Owner, tallies: TallyReader): TallyReader {
  return {
    ...tallies,
    async namespace(namespace) {
      const [counted] = await Promise.all([tallies.namespace(namespace), owner.check()]);
      return counted;
    },
  };
}

/** Numbers that Redis does not have either: after a state table was lost, they begin again. */
export function unusedGenerations(generations: Generations, redis: RedisClient, prefix: string): Generations {
  const keys = createRedisKeys(prefix);
  return {
    async next() {
      for (;;) {
        const generation = await generations.next();
        if ((await redis.exists(keys.watermarks(generation))) === 0) return generation;
      }
    },
  };
}
