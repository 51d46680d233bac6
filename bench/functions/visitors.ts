import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { createCountEvents } from '../../shared/counting/visitors/count-events.ts';
import type { CountableEvent } from '../../shared/counting/decode.ts';
import { EXPOSURE } from '../../shared/contract/event.ts';
import { createCounters } from '../../shared/stores/redis/counters.ts';
import { connectRedis } from '../../shared/stores/redis/client.ts';
import { nextSequence } from '../events.ts';
import type { BenchServers } from '../servers.ts';
import type { Row } from './table.ts';

/** 2 ** 11 buckets: with so many visitors 98 to a bucket, as a generation of its size should have. */
const VISITORS = 200_000;
const GENERATION = 'g1b11';
const VISITORS_PER_SLICE = 500;

interface Kind {
  what: string;
  experiments: number;
  segments: number;
  goals: number;
  target?: number;
}

const KINDS: readonly Kind[] = [
  { what: 'one experiment', experiments: 1, segments: 1, goals: 1, target: 62 },
  { what: 'ten experiments', experiments: 10, segments: 1, goals: 1, target: 46 },
  { what: 'three experiments, two segments, two goals', experiments: 3, segments: 2, goals: 2 },
];

/** What Redis keeps of a pair of visitor and experiment. */
export async function benchVisitors({ redisUrl }: BenchServers): Promise<Row[]> {
  const rows: Row[] = [];
  for (const kind of KINDS) {
    const redis = connectRedis(redisUrl, (error) => console.error(error.message));
    await redis.flushall();
    await fill(redis, kind);
    const bytes = await bytesOf(redis);
    await redis.quit();
    const { what, experiments, target } = kind;
    rows.push({
      what: `visitor with ${what}: bytes a pair`,
      value: bytes / (VISITORS * experiments),
      unit: 'B',
      ...(target !== undefined && { target, others: 'layout 1: 124 to 133' }),
    });
  }
  return rows;
}

async function fill(redis: Redis, kind: Kind): Promise<void> {
  const prefix = '{bench}';
  const counters = createCounters(redis, prefix);
  await counters.initPointer(GENERATION);
  const countEvents = createCountEvents({ counters, deletions: { read: () => Promise.resolve(new Map()) } });
  let expected: string | undefined;
  for (let first = 0; first < VISITORS; first += VISITORS_PER_SLICE) {
    const next = nextSequence();
    const target = {
      pointer: GENERATION,
      generation: GENERATION,
      shard: 'bench/0',
      ancestors: [],
      watermarks: new Map(),
    };
    const events = Array.from({ length: VISITORS_PER_SLICE }, (_, index) => visit(first + index, kind)).flat();
    const result = await countEvents({ ...target, respectHold: true, expected, next }, events);
    if (result !== 'applied') throw new Error(`expected that the slice is applied, got ${result}`);
    expected = next;
  }
}

/** An exposure in each experiment, and goals of a fifth of the visitors. */
function visit(visitor: number, { experiments, segments, goals }: Kind): CountableEvent[] {
  const unit = randomUUID();
  const names = visitor % 5 === 0 ? Array.from({ length: goals }, (_, index) => `goal ${index}`) : [];
  return Array.from({ length: experiments }, (_, experiment) =>
    [EXPOSURE, ...names].map((event): CountableEvent => ({
      incarnation: 0,
      claim: { id: new Uint8Array(), owner: '', at: Date.now() },
      event: {
        namespace: 'alephbet',
        experiment: `experiment ${experiment}`,
        variant: visitor % 2 === 0 ? 'red' : 'blue',
        event,
        uuid: unit,
        unit,
        ...(event !== EXPOSURE && { value: visitor % 100 }),
        segments: Object.fromEntries(
          Array.from({ length: segments }, (_, segment) => [`segment ${segment}`, `value ${visitor % 4}`]),
        ),
      },
    })),
  ).flat();
}

async function bytesOf(redis: Redis): Promise<number> {
  const keys = [...(await redis.keys('*:visitors:*')), ...(await redis.keys('*:large:*'))];
  const pipeline = redis.pipeline();
  for (const key of keys) pipeline.memory('USAGE', key, 'SAMPLES', '0');
  const replies = (await pipeline.exec()) ?? [];
  return replies.reduce((sum, [, bytes]) => sum + Number(bytes), 0);
}
