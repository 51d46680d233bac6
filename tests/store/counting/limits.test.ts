import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createRedisKeys } from '../../../shared/stores/redis/keys.ts';
import { consume, type ConsumerDeps, type ConsumerEvent } from '../../../shared/counting/consume.ts';
import type { ShardRecord } from '../../../shared/counting/decode.ts';
import type { Definition } from '../../../shared/contract/definition.ts';
import { createDefinitions } from '../../../shared/stores/dynamodb/definitions.ts';
import { boundUnits } from '../../../shared/counting/limits/unit-bound.ts';
import { createSamples } from '../../../shared/counting/limits/samples.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/contract/limits.ts';
import { createQuarantine } from '../../../shared/stores/dynamodb/quarantine.ts';
import type { QuarantineEntry } from '../../../shared/counting/ports.ts';
import {
  observer,
  plenty,
  readCounts,
  realAdmission,
  realDeps,
  replayedOf,
  SHARD,
  withCounters,
} from '../../support/counting/consumer.ts';
import { anEvent, aRecord, aVisitorGoal, sequenceOf } from '../../support/counting/events.ts';
import { createReport } from '../../support/report/report.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
/** ms since 1970, for what a consumer remembers. */
let now = 0;

beforeEach(async () => {
  world = await createWorld();
});
afterEach(() => world.close());

interface Mode {
  limits?: Partial<Limits>;
  countOnlyDefined?: boolean;
}

/** A consumer that has just started. */
function aConsumer({ limits, countOnlyDefined = false }: Mode, changes: Partial<ConsumerDeps> = {}): ConsumerDeps {
  const admit = realAdmission(world, { limits: { ...DEFAULT_LIMITS, ...limits }, countOnlyDefined, now: () => now });
  return realDeps(world, { admit, ...changes });
}

const count = (deps: ConsumerDeps, ...records: ShardRecord[]) => consume(SHARD, records, deps, plenty);
const strange = (variant: string) => anEvent({ variant });

async function inQuarantine(): Promise<QuarantineEntry[]> {
  const entries: QuarantineEntry[] = [];
  for await (const entry of createQuarantine(world.dynamodb, world.stateTable, Date.now).entries(true)) {
    entries.push(entry);
  }
  return entries.sort((a, b) => (a.place < b.place ? -1 : 1));
}

const define = (definition: Definition, experiment = 'button') =>
  createDefinitions(world.dynamodb, world.stateTable, Date.now).write('alephbet', experiment, definition);

describe('beyond the limits', () => {
  test('events are in quarantine with the reason, one item for each record, and the others count', async () => {
    const deps = aConsumer({ limits: { variants: 2 } });
    const refused = [strange('green'), strange('black')];
    expect(
      await count(deps, aRecord(1, [strange('red'), strange('blue'), ...refused]), aRecord(2, [strange('black')])),
    ).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1, 'blue:participate': 1 });
    const [first, ...others] = await inQuarantine();
    expect(others).toHaveLength(1);
    expect(first).toMatchObject({
      code: 'too_many_variants',
      events: 2,
      reason:
        'variant "green" of experiment "button" of namespace "alephbet" is beyond the limit of 2 variants: ' +
        'raise limits.variants, or name it in the definition of the experiment',
    });
    expect(JSON.parse(Buffer.from(first?.data ?? []).toString())).toMatchObject(
      refused.map((event) => ({ code: 'too_many_variants', event })),
    );
  });

  test.each<[keyof Limits, Partial<ReturnType<typeof anEvent>>, string]>([
    ['namespaces', { namespace: 'strange' }, 'namespace "strange" is beyond the limit of 1 namespaces'],
    [
      'experiments',
      { experiment: 'strange' },
      'experiment "strange" of namespace "alephbet" is beyond the limit of 1 experiments',
    ],
    ['goals', { event: 'strange' }, 'goal "strange" of experiment "button"'],
  ])('there is a limit of %s', async (kind, changes, reason) => {
    const deps = aConsumer({ limits: { [kind]: 1 } });
    await count(
      deps,
      aRecord(1, [anEvent({ event: 'clicked', segments: { platform: 'ios' } }), anEvent(changes), anEvent()]),
    );
    expect(await readCounts(world)).toEqual({
      'red:clicked': 1,
      'red:clicked:platform%3Dios': 1,
      'red:participate': 1,
    });
    expect((await inQuarantine()).map((entry) => entry.reason)).toEqual([expect.stringContaining(reason)]);
  });

  test('goals without experiment have one of their own in the namespace, unless a definition there names them', async () => {
    await define({ goals: { primary: [{ name: 'defined' }] } });
    const deps = aConsumer({ limits: { visitorGoals: 1, goals: 1 } });
    const goals = ['bought', 'strange', 'defined'].map((event) => aVisitorGoal({ event }));
    await count(deps, aRecord(1, [anEvent({ unit: 'ann' }), anEvent({ event: 'clicked' }), ...goals]));
    expect(await readCounts(world)).toEqual({
      'red:participate': 1,
      'red:clicked': 1,
      'red:bought': 1,
      'red:defined': 1,
    });
    expect((await inQuarantine()).map(({ code, reason }) => ({ code, reason }))).toEqual([
      {
        code: 'too_many_visitorGoals',
        reason:
          'goal "strange" of namespace "alephbet" is beyond the limit of 1 goals without experiment: ' +
          'raise limits.visitorGoals, or name it in the definition of an experiment there',
      },
    ]);
  });

  test('with countOnlyDefined, goals without experiment need a definition that names them', async () => {
    await define({ goals: { primary: [{ name: 'bought' }] } });
    const deps = aConsumer({ countOnlyDefined: true });
    await count(deps, aRecord(1, [anEvent({ unit: 'ann' }), aVisitorGoal(), aVisitorGoal({ event: 'strange' })]));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1, 'red:bought': 1 });
    expect((await inQuarantine()).map(({ code }) => code)).toEqual(['undefined_goals']);
  });

  test('a refused uuid never counts, also when there is room later; a new one does', async () => {
    const event = strange('blue');
    await count(aConsumer({ limits: { variants: 1 } }), aRecord(1, [strange('red'), event]));
    const roomy = aConsumer({});
    await count(roomy, aRecord(2, [event, strange('blue')]));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1, 'blue:participate': 1 });
  });

  test('metrics tell refused events, copies and counted ones apart', async () => {
    const { events, observe } = observer();
    const red = strange('red');
    await count(aConsumer({ limits: { variants: 1 } }, { observe }), aRecord(1, [red, red, strange('blue')]));
    expect(events).toEqual([
      expect.objectContaining({ kind: 'events quarantined', refused: { too_many_variants: 1 } }),
      expect.objectContaining({ kind: 'applied', counted: 1, copies: 1, events: 3 }),
    ]);
  });

  test('a definition admits what it names, whoever took all places before', async () => {
    await define({ variants: [{ name: 'red' }, { name: 'blue' }], goals: { primary: [{ name: 'bought' }] } }, 'mine');
    const deps = aConsumer({ limits: { namespaces: 0, experiments: 0, variants: 0, goals: 0 } });
    const mine = { experiment: 'mine', variant: 'blue' };
    await count(
      deps,
      aRecord(1, [
        anEvent(),
        anEvent(mine),
        anEvent({ ...mine, event: 'bought' }),
        anEvent({ ...mine, event: 'sold' }),
      ]),
    );
    expect(await world.redis.hgetall(createRedisKeys(world.prefix).counts('g1', 'alephbet:mine@0'))).toEqual({
      'blue:participate': '1',
      'blue:bought': '1',
    });
    expect((await inQuarantine())[0]).toMatchObject({ events: 2, code: 'too_many_namespaces' });
  });

  test('a deleted experiment gives its place to another', async () => {
    const deps = aConsumer({ limits: { experiments: 1, namespaces: 1 } });
    await count(deps, aRecord(1, [anEvent()]));
    const report = await createReport(world);
    expect((await report.request('/v1/experiment?experiment=button', { method: 'DELETE' })).status).toBe(204);
    now += 30_001;
    await count(deps, aRecord(2, [anEvent({ experiment: 'other' })]), aRecord(3, [anEvent()], Date.now()));
    expect(await world.redis.smembers(createRedisKeys(world.prefix).experiments('g1'))).toEqual(['alephbet:other@0']);
    expect((await inQuarantine()).map(({ code }) => code)).toEqual(['too_many_experiments']);
  });

  test('an event that an invocation has admitted, and not counted before it died, counts under narrower limits, too', async () => {
    const record = aRecord(1, [strange('blue')]);
    const dying = aConsumer(
      {},
      { ...withCounters({ ...realDeps(world).counters, apply: () => Promise.reject(new Error('killed')) }) },
    );
    expect(await count(dying, record)).toBe(record.sequence);
    const refusing = aConsumer(
      {},
      {
        admit: (events) =>
          Promise.resolve({
            refused: new Map(events.map((event) => [event, { code: 'too_many_variants', reason: '' }])),
            overflow: new Map(),
          }),
      },
    );
    await count(refusing, record);
    expect(await readCounts(world)).toEqual({ 'blue:participate': 1 });
  });

  test('an event that an invocation refuses, another that admits it cannot claim: a replay decides as the first', async () => {
    const record = aRecord(1, [strange('red'), strange('blue')]);
    const narrow = aConsumer({ limits: { variants: 1 } });
    const between: ConsumerDeps['counters'] = {
      ...narrow.counters,
      async apply(move, sums) {
        const late = aConsumer(
          {},
          { ...withCounters({ ...narrow.counters, apply: () => Promise.resolve('conflict') }) },
        );
        await count(late, record);
        return narrow.counters.apply(move, sums);
      },
    };
    await count({ ...narrow, counters: between }, record);
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
    const replayed = await replayedOf(world, record, narrow.deletions);
    expect(replayed.owned.map(({ event }) => event.variant)).toEqual(['red']);
  });

  test('where names cannot be looked up, the batch fails, and counts once when it is delivered again', async () => {
    const record = aRecord(1, [anEvent()]);
    const broken = aConsumer({}, { admit: () => Promise.reject(new Error('throttled')) });
    expect(await count(broken, record)).toBe(sequenceOf(1));
    expect(await count(aConsumer({}), record)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });

  test('what cannot be kept in quarantine never stops counting, and is told of', async () => {
    const mode = { limits: { experiments: 1 } };
    const unkept: number[] = [];
    const put = jest.fn(() => Promise.reject(new Error('throttled')));
    const observe = (event: ConsumerEvent) => {
      if (event.kind === 'unkept') unkept.push(event.events);
    };
    const strangers = [2, 3, 4].map((number) => aRecord(number, [anEvent({ experiment: `strange ${number}` })]));
    const broken = aConsumer(mode, { quarantine: { put }, observe });
    expect(await count(broken, aRecord(1, [anEvent()]), ...strangers)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
    expect(unkept).toEqual([1, 1, 1]);
    expect(await inQuarantine()).toEqual([]);
  });

  test('so many samples are kept of each reason and experiment in an hour; of the others only how many is told', async () => {
    let unkept = 0;
    const observe = (event: ConsumerEvent) => {
      if (event.kind === 'unkept') unkept += event.events;
    };
    const deps = aConsumer({ limits: { variants: 1 } }, { samples: createSamples(() => now, 3), observe });
    const variants = (from: number) =>
      Array.from({ length: 5 }, (_, index) => anEvent({ uuid: `u${from + index}`, variant: `v${from + index}` }));
    await count(deps, aRecord(1, [anEvent()]));
    for (let record = 2; record < 6; record += 1) {
      await count(deps, aRecord(record, variants(record * 10)));
    }
    expect((await inQuarantine()).map(({ events }) => events)).toEqual([5]);
    expect(unkept).toBe(17);
    now += 3_600_000;
    await count(deps, aRecord(6, variants(90)));
    expect(await inQuarantine()).toHaveLength(2);
  });

  test('of a long record a few kilobytes are kept', async () => {
    const long = Array.from({ length: 200 }, (_, index) =>
      anEvent({ uuid: `${index}`.padEnd(200, 'x'), experiment: 'stranger' }),
    );
    await count(aConsumer({ limits: { experiments: 0 } }), aRecord(1, long));
    const [kept] = await inQuarantine();
    expect(kept?.events).toBe(200);
    expect(kept?.data.byteLength).toBeLessThan(10_000);
  });

  test('a thousand strangers in one batch leave nothing in Redis', async () => {
    const deps = aConsumer({ limits: { experiments: 3 } });
    const strangers = Array.from({ length: 1_000 }, (_, i) =>
      anEvent({ experiment: `strange ${i}`, variant: `${i}`, event: `${i}` }),
    );
    await count(deps, ...[0, 1, 2, 3, 4].map((part) => aRecord(part, strangers.slice(part * 200, (part + 1) * 200))));
    expect(await world.redis.scard(createRedisKeys(world.prefix).experiments('g1'))).toBe(3);
    expect((await world.redis.keys(createRedisKeys(world.prefix).counts('g1', '*'))).length).toBe(3);
  });
});

describe('more events of a visitor than count in an hour', () => {
  /** A consumer whose process has just started. */
  const bounded = (most: number, changes: Partial<ConsumerDeps> = {}) => {
    const deps = aConsumer({}, changes);
    return { ...deps, admit: boundUnits(deps.admit, most) };
  };
  const clicks = (record: number, events: number, unit = 'ann') =>
    aRecord(
      record,
      Array.from({ length: events }, (_, index) =>
        anEvent({ uuid: `${unit} ${record} ${index}`, event: 'click', unit }),
      ),
    );

  test('are refused, with samples in quarantine; others count', async () => {
    await count(bounded(3), clicks(1, 2), clicks(2, 2), clicks(3, 2, 'bob'));
    expect(await readCounts(world)).toEqual({ 'red:click': 5 });
    expect(await inQuarantine()).toEqual([
      expect.objectContaining({
        ...{ code: 'too_many_events_of_unit', events: 1 },
        reason: expect.stringContaining('at most 3 events of a unit in an hour (eventLimits.perHourByUnit)'),
      }),
    ]);
  });

  test('are decided once: whoever counts the records again, with another bound or none, finds that', async () => {
    const records = [clicks(1, 2), clicks(2, 4)];
    const dying = bounded(
      3,
      withCounters({ ...realDeps(world).counters, apply: () => Promise.reject(new Error('killed')) }),
    );
    expect(await count(dying, ...records)).toBe(sequenceOf(1));
    expect(await count(bounded(0), ...records)).toBeUndefined();
    expect(await readCounts(world)).toEqual({ 'red:click': 3 });
  });

  test('are not more by being delivered again', async () => {
    const deps = bounded(3);
    let refusals = 2;
    const failing = withCounters({
      ...deps.counters,
      apply: (...slice) => ((refusals -= 1) >= 0 ? Promise.reject(new Error('down')) : deps.counters.apply(...slice)),
    });
    const same = { ...deps, ...failing };
    for (let delivery = 0; delivery < 3; delivery += 1) await count(same, clicks(1, 3));
    expect(await readCounts(world)).toEqual({ 'red:click': 3 });
    expect(await inQuarantine()).toEqual([]);
  });
});

describe('where only defined experiments count', () => {
  test('the others are in quarantine, and take no place', async () => {
    const deps = aConsumer({ countOnlyDefined: true, limits: { experiments: 1, namespaces: 1 } });
    await define({});
    await count(
      deps,
      aRecord(1, [
        anEvent({ namespace: 'strange' }),
        anEvent({ experiment: 'strange' }),
        anEvent(),
        anEvent({ event: 'any' }),
      ]),
    );
    expect(await readCounts(world)).toEqual({ 'red:participate': 1, 'red:any': 1 });
    expect(await inQuarantine()).toEqual([
      expect.objectContaining({
        code: 'undefined_experiments',
        events: 2,
        reason: expect.stringContaining('define it (mem experiments apply)'),
      }),
    ]);
  });

  test('a definition that names variants or goals lets no others in', async () => {
    await define({
      variants: [{ name: 'red' }, { name: 'green' }],
      goals: { secondary: [{ name: 'clicked', metric: 'n' }] },
    });
    const deps = aConsumer({ countOnlyDefined: true });
    await count(
      deps,
      aRecord(1, [anEvent(), anEvent({ event: 'clicked' })]),
      aRecord(2, [strange('blue')]),
      aRecord(3, [anEvent({ event: 'other' })]),
    );
    expect(await readCounts(world)).toEqual({ 'red:participate': 1, 'red:clicked': 1 });
    expect((await inQuarantine()).map(({ code }) => code)).toEqual(['undefined_variants', 'undefined_goals']);
  });

  test('a definition that was written in the meantime is known within half a minute', async () => {
    const deps = aConsumer({ countOnlyDefined: true });
    await count(deps, aRecord(1, [anEvent()]));
    await define({});
    now += 30_001;
    await count(deps, aRecord(2, [anEvent()]));
    expect(await readCounts(world)).toEqual({ 'red:participate': 1 });
  });
});
