import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';
import fc from '../../support/fast-check.ts';
import { consume, type ConsumerDeps } from '../../../shared/counting/consume.ts';
import type { ShardRecord } from '../../../shared/counting/decode.ts';
import { createCounters } from '../../../shared/stores/redis/counters.ts';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { plenty, readCounters, SHARD, withCounters } from '../../support/counting/consumer.ts';
import { aRecord, DAY_MS, NOON, nothingDeleted } from '../../support/counting/events.ts';
import { memoryStores } from '../../support/counting/memory-stores.ts';
import { expectedCounters, type ReceivedEvent } from '../../support/counting/oracle.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let base: World;
let runs = 0;

beforeAll(async () => {
  base = await createWorld();
});
afterAll(() => base.close());

/** Few different values, so that copies, crossings and repeated goals are frequent. */
const events = fc.record(
  {
    namespace: fc.constant('alephbet'),
    experiment: fc.constant('button'),
    variant: fc.constantFrom('red', 'blue'),
    event: fc.constantFrom('participate', 'participate', 'clicked', 'bought'),
    uuid: fc.integer({ min: 1, max: 12 }).map((n) => `uuid-${n}`),
    unit: fc.constantFrom('ann', 'bob', 'eve'),
    value: fc.integer({ min: -5, max: 20 }),
    segments: fc.constantFrom<Record<string, string>>({}, { platform: 'ios' }, { platform: 'web', visitor: 'new' }),
  },
  { requiredKeys: ['namespace', 'experiment', 'variant', 'event', 'uuid'] },
);

/** A record holds the events of one request; `poison` is one that cannot be read. */
const contents = fc.oneof(
  { weight: 9, arbitrary: fc.record({ events: fc.array(events, { maxLength: 5 }), day: fc.nat(1) }) },
  { weight: 1, arbitrary: fc.constant('poison' as const) },
);

/** One try of the event source to deliver a batch, and what goes wrong with it. */
const deliveries = fc.record({
  /** How many records before the position it begins: at least once means more than once. */
  back: fc.nat(4),
  size: fc.integer({ min: 1, max: 6 }),
  /** Claim requests of this delivery that fail, by number: before their effect or after it. */
  claimFailures: fc.array(fc.record({ request: fc.nat(12), after: fc.boolean() }), { maxLength: 2 }),
  fault: fc.constantFrom(
    'none',
    'none',
    'checkpoint before',
    'checkpoint after',
    'apply before',
    'apply after',
    'no time',
  ),
  /** A zombie stops before this step, and goes on when all others are done, or after the next delivery. */
  zombie: fc.constantFrom('no', 'no', 'claim', 'apply', 'checkpoint'),
  awakens: fc.constantFrom('soon', 'last'),
});

type Delivery = typeof deliveries extends fc.Arbitrary<infer T> ? T : never;

describe('exactly once', () => {
  test('any interleaving of copies, redeliveries, re-cut batches, zombies and failures gives the counters of the set', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(contents, { minLength: 1, maxLength: 15 }),
        fc.array(deliveries, { maxLength: 12 }),
        checkRun,
      ),
      { numRuns: 400 },
    );
  });
});

async function checkRun(
  stream: (typeof contents extends fc.Arbitrary<infer T> ? T : never)[],
  tries: Delivery[],
): Promise<void> {
  runs += 1;
  const world = { ...base, prefix: `${base.prefix.slice(0, -1)}-${runs}}` };
  const counters = createCounters(world.redis, world.prefix);
  const deps: ConsumerDeps = {
    stream: 'stream',
    counters,
    countEvents: createCountEvents({ counters, deletions: nothingDeleted }),
    carryOver: () => Promise.resolve('nothing'),
    lineage: { ancestorsOf: () => Promise.resolve([]) },
    catchUp: () => Promise.resolve(false),
    observe: () => undefined,
    ...memoryStores(),
  };
  const received: ReceivedEvent[] = [];
  const records = stream.map((content, index): ShardRecord => {
    if (content === 'poison') return { ...aRecord(index, []), data: Uint8Array.of(index) };
    const at = NOON + content.day * DAY_MS;
    received.push(...content.events.map((event) => ({ event, at })));
    return aRecord(index, content.events, at);
  });

  await deliverAll(records, tries, deps);
  expect(await readCounters(world)).toEqual(withoutUniques(expectedCounters(received)));
  await expectUniques(world, expectedCounters(received).uniques);
}

/** Plays an event source: whatever fails is delivered again, and nothing is left out. */
async function deliverAll(records: ShardRecord[], tries: Delivery[], deps: ConsumerDeps): Promise<void> {
  let position = 0;
  const zombies: { wake: () => void; done: Promise<unknown> }[] = [];
  const sleepers: typeof zombies = [];
  const wakeAll = async (those: typeof zombies) => {
    for (const zombie of those.splice(0)) {
      zombie.wake();
      await zombie.done;
    }
  };
  const move = (batch: ShardRecord[], retryFrom: string | undefined) => {
    const failed = records.findIndex(({ sequence }) => sequence === retryFrom);
    const last = batch.at(-1);
    position = Math.max(position, failed === -1 && last ? records.indexOf(last) + 1 : failed);
  };

  for (const delivery of tries) {
    const start = Math.max(0, position - delivery.back);
    const batch = records.slice(start, start + delivery.size);
    const time = () => (delivery.fault === 'no time' ? 0 : plenty());
    if (delivery.zombie === 'no') {
      move(batch, await consume(SHARD, batch, withFaults(deps, delivery), time));
      await wakeAll(zombies);
    } else {
      const gate = createGate();
      const done = consume(SHARD, batch, withFaults(deps, delivery, gate), time);
      await Promise.race([gate.reached, done]);
      (delivery.awakens === 'soon' ? zombies : sleepers).push({ wake: gate.open, done });
    }
  }
  for (let left = 2; position < records.length; left -= 1) {
    if (left === 0) throw new Error(`without a fault, record ${position} is still not done`);
    const batch = records.slice(position);
    move(batch, await consume(SHARD, batch, deps, plenty));
  }
  await wakeAll([...zombies, ...sleepers]);
  expect(await consume(SHARD, records, deps, plenty)).toBeUndefined();
}

interface Gate {
  reached: Promise<void>;
  pass: () => Promise<void>;
  open: () => void;
}

function createGate(): Gate {
  let reach = (): void => undefined;
  let open = (): void => undefined;
  const reached = new Promise<void>((resolve) => (reach = resolve));
  const opened = new Promise<void>((resolve) => (open = resolve));
  const pass = () => {
    reach();
    return opened;
  };
  return { reached, pass, open: () => open() };
}

function withFaults(deps: ConsumerDeps, { fault, claimFailures, zombie }: Delivery, gate?: Gate): ConsumerDeps {
  let requested = 0;
  const stopBefore = (step: string) => (gate && zombie === step ? gate.pass() : Promise.resolve());
  const around = async <T>(step: 'apply' | 'checkpoint', effect: () => Promise<T>): Promise<T> => {
    await stopBefore(step);
    if (fault === `${step} before`) throw new Error(fault);
    const result = await effect();
    if (fault === `${step} after`) throw new Error(fault);
    return result;
  };
  return {
    ...deps,
    claims: {
      async claim(requests) {
        await stopBefore('claim');
        const first = requested;
        requested += requests.length;
        const failureOf = (index: number) => claimFailures.find(({ request }) => request === first + index);
        const made = requests.filter((_, index) => failureOf(index)?.after !== false);
        const outcomes = await deps.claims.claim(made);
        return requests.map((request, index) =>
          failureOf(index) ? 'unsettled' : (outcomes[made.indexOf(request)] ?? 'unsettled'),
        );
      },
    },
    ...withCounters({
      ...deps.counters,
      apply: (move, sums) => around('apply', () => deps.counters.apply(move, sums)),
    }),
    checkpoints: {
      ...deps.checkpoints,
      advance: (...checkpoint) => around('checkpoint', () => deps.checkpoints.advance(...checkpoint)),
    },
  };
}

function withoutUniques({ counts, days, moments }: ReturnType<typeof expectedCounters>) {
  return { counts, days, moments };
}

/** A HyperLogLog that holds the same members is the same, alone and in union. */
async function expectUniques({ redis, prefix }: World, uniques: Record<string, string[]>): Promise<void> {
  const keys = createRedisKeys(prefix);
  const generation = (await redis.get(keys.pointer)) ?? '';
  for (const [field, members] of Object.entries(uniques)) {
    const actual = keys.uniques(generation, 'alephbet:button@0', field);
    const expected = `${prefix}:expected:${field}`;
    await redis.pfadd(expected, ...members);
    const counts = [await redis.pfcount(actual), await redis.pfcount(expected), await redis.pfcount(actual, expected)];
    expect(counts).toEqual([members.length, members.length, members.length]);
  }
}
