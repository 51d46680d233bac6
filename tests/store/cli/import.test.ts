import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { writeAll } from '../../../cli/commands/set-up/import.ts';
import { openRedis } from '../../../cli/import/read-installation.ts';
import { planImport, type ImportPlan } from '../../../cli/import/plan-import.ts';
import { readInstallation } from '../../../cli/import/read-installation.ts';
import { findFreePorts } from '../../../local/free-ports.ts';
import type { GimelGoal } from '../../../shared/reporting/formats/gimel.ts';
import { createImports } from '../../../shared/stores/dynamodb/imports.ts';
import type { ImportSource } from '../../../shared/contract/answers.ts';
import {
  counterKey,
  openForeignRedis,
  trackThere,
  visitorsOf,
  type ForeignRedis,
} from '../../support/redis/foreign-redis.ts';
import { callHandler } from '../../support/aws/gateway.ts';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { environmentOf, loadIngest } from '../../support/aws/load-handler.ts';
import { codesOf, createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

/** The namespace may be empty; names are not escaped. */
const NAMESPACE = '';
const PLAIN = { namespace: NAMESPACE, experiment: 'button' };
const ODD = { namespace: NAMESPACE, experiment: 'my a/b test: x + y ✓' };

const DATA = [
  ...visitorsOf(900, { ...PLAIN, event: 'participate', variant: 'red' }),
  ...visitorsOf(700, { ...PLAIN, event: 'participate', variant: 'blue' }),
  ...visitorsOf(90, { ...PLAIN, event: 'clicked', variant: 'red' }),
  ...visitorsOf(80, { ...PLAIN, event: 'clicked', variant: 'blue' }),
  ...visitorsOf(40, { ...ODD, event: 'participate', variant: 'größe: 1' }),
  ...visitorsOf(50, { ...ODD, event: 'participate', variant: '+' }),
  ...visitorsOf(7, { ...ODD, event: 'step: two', variant: 'größe: 1' }),
  ...visitorsOf(12, { namespace: NAMESPACE, experiment: 'only seen', event: 'participate', variant: 'red' }),
];

let world: World;
let report: ReportUnderTest;
let system: LiveSystem;
let theirs: ForeignRedis;

beforeEach(async () => {
  world = await createWorld();
  report = await createReport(world, Date.now);
  system = await createLiveSystem(world);
  theirs = await openForeignRedis(9);
});

afterEach(async () => {
  await theirs.close();
  system.close();
  await world.close();
});

async function importAll(
  source: ImportSource,
  { replace = false, namespaces = [] as string[] } = {},
): Promise<ImportPlan> {
  const redis = await openRedis(theirs.url);
  const imports = createImports(world.dynamodb, world.stateTable);
  try {
    const found = await readInstallation(redis, source, namespaces);
    const plan = await planImport(found, source, replace, { ...system.stores, imports, now: Date.now });
    await writeAll(plan.imports, replace, imports);
    return plan;
  } finally {
    redis.disconnect();
  }
}

type GimelAnswer = [unknown, ...{ experiment: string; goals: GimelGoal[] }[]];

const readGimel = async () =>
  (await report.read<GimelAnswer>(`/experiments?namespace=${NAMESPACE}`)).slice(1) as {
    experiment: string;
    goals: GimelGoal[];
  }[];

/** What their own report says, asked of their Redis with their own command. */
async function expectedOf(command: (redis: Redis, key: string) => Promise<number>) {
  const ask = (about: { experiment: string }, event: string, variant: string) =>
    command(theirs.redis, counterKey({ namespace: NAMESPACE, ...about, event, variant }));
  const goal = async (about: { experiment: string }, name: string, variants: readonly string[]) => ({
    goal: name,
    results: await Promise.all(
      variants.map(async (label) => ({
        label,
        successes: await ask(about, name, label),
        trials: await ask(about, 'participate', label),
      })),
    ),
  });
  return [
    { experiment: PLAIN.experiment, goals: [await goal(PLAIN, 'clicked', ['blue', 'red'])] },
    { experiment: ODD.experiment, goals: [await goal(ODD, 'step: two', ['+', 'größe: 1'])] },
    { experiment: 'only seen', goals: [] },
  ];
}

const commands: Record<ImportSource, (redis: Redis, key: string) => Promise<number>> = {
  gimel: (redis, key) => redis.pfcount(key),
  lamed: async (redis, key) => Number((await redis.get(key)) ?? 0),
};

describe.each(['gimel', 'lamed'] as const)('what %s has counted', (source) => {
  beforeEach(() => trackThere(theirs.redis, source, DATA));

  test('is answered as it answers itself, and a second import changes nothing', async () => {
    const before = await theirs.redis.dbsize();
    const { imports, notes } = await importAll(source);
    expect(notes).toEqual([]);
    expect(imports).toHaveLength(3);
    const expected = await expectedOf(commands[source]);
    expect(await readGimel()).toEqual(expected);

    expect((await importAll(source)).imports.every((planned) => planned.before !== null)).toBe(true);
    expect(await readGimel()).toEqual(expected);
    expect(await theirs.redis.dbsize()).toBe(before);
  });

  test('is what new events are added to, survives a replay and a wiped Redis, and is forgotten with the experiment', async () => {
    await importAll(source);
    const [before] = (await readGimel())[0]?.goals ?? [];
    const mapping = system.startDelivering();
    const handler = await loadIngest(environmentOf(world));
    for (const [event, uuid] of [
      ['participate', 'a'],
      ['clicked', 'b'],
      ['clicked', 'b'],
    ]) {
      const query = new URLSearchParams({
        namespace: NAMESPACE,
        experiment: 'button',
        variant: 'red',
        event: event ?? '',
        uuid: uuid ?? '',
      });
      expect((await callHandler(handler, { method: 'GET', path: '/track', query: query.toString() })).status).toBe(200);
    }
    const red = before?.results.find(({ label }) => label === 'red');
    const after = { label: 'red', successes: (red?.successes ?? 0) + 1, trials: (red?.trials ?? 0) + 1 };
    const readRed = async () => (await readGimel())[0]?.goals[0]?.results.find(({ label }) => label === 'red');
    await waitUntil(
      'the new events are counted',
      async () => (await readRed())?.successes === after.successes && (await readRed())?.trials === after.trials,
    );

    expect((await system.replay()).outcome).toBe('switched');
    expect(await readRed()).toEqual(after);
    const keys = await world.redis.keys(`${world.prefix}*`);
    await world.redis.del(keys);
    expect(await readRed()).toEqual(red);
    await system.heal();
    await waitUntil('the counters are healed', async () => (await readRed())?.trials === after.trials);
    await mapping.stop();

    expect((await report.request('/delete?namespace=&experiment=button', { method: 'DELETE' })).status).toBe(200);
    expect((await readGimel()).map(({ experiment }) => experiment)).not.toContain('button');
  });
});

describe('a report with imported counts', () => {
  const query = { namespace: NAMESPACE };

  test('adds them to participants, rates and the list, says so, and leaves visitors, segments and the split alone', async () => {
    await trackThere(theirs.redis, 'gimel', DATA);
    await importAll('gimel');
    const definition = {
      variants: [
        { name: 'red', weight: 1 },
        { name: 'blue', weight: 1 },
      ],
    };
    const put = await report.request('/v1/experiment?namespace=&experiment=button', {
      method: 'PUT',
      body: JSON.stringify(definition),
    });
    expect(put.status).toBe(200);
    const participants = await theirs.redis.pfcount(counterKey({ ...PLAIN, event: 'participate', variant: 'red' }));

    const answer = await report.experiment('button', query);
    expect(answer.imported).toMatchObject({
      source: 'gimel',
      approximate: true,
      participants: answer.variants.reduce((sum, variant) => sum + variant.participants, 0),
    });
    expect(answer.variants[0]).toMatchObject({ name: 'red', participants, approximateUniques: null, units: null });
    expect(answer.goals[0]?.results[0]).toMatchObject({ units: participants });
    expect(answer.sampleRatio).toMatchObject({ value: null, reason: expect.stringContaining('approximate') });
    expect(answer.warnings.find(({ code }) => code === 'imported')).toMatchObject({ severity: 'caution' });
    expect(answer.firstEvent).toBeNull();

    const listed = (await report.list(NAMESPACE)).experiments.find(({ name }) => name === 'button');
    expect(listed).toMatchObject({
      data: 'counting',
      participants: answer.variants.reduce((sum, variant) => sum + variant.participants, 0),
    });
    expect(codesOf(listed ?? answer)).toContain('imported');

    const segment = await report.experiment('button', { ...query, segment: 'platform=ios' });
    expect(segment).toMatchObject({ imported: null, data: 'counting' });
    expect(codesOf(segment)).not.toContain('imported');
    expect(segment.variants[0]).toMatchObject({ participants: 0 });
  });

  test("of Lamed checks the split on all of them, and takes only Mem's own pace for its forecast", async () => {
    await trackThere(theirs.redis, 'lamed', DATA);
    await importAll('lamed');
    const weights = {
      variants: [
        { name: 'red', weight: 1 },
        { name: 'blue', weight: 1 },
      ],
    };
    await report.request('/v1/experiment?namespace=&experiment=button', {
      method: 'PUT',
      body: JSON.stringify(weights),
    });
    const answer = await report.experiment('button', query);
    expect(answer.sampleRatio).toMatchObject({ alarm: true, expected: [800, 800] });
    expect(answer.warnings.find(({ code }) => code === 'imported')).toMatchObject({ severity: 'note' });
    const seen = await report.experiment('only seen', query);
    expect(seen.goals).toEqual([]);
  });
});

describe('an installation that is not as it should be', () => {
  const button = { ...PLAIN, event: 'participate', variant: 'red' };

  test('is imported without what is gone or not its own, and that is said', async () => {
    await trackThere(theirs.redis, 'gimel', visitorsOf(5, button));
    const gone = counterKey({ ...button, event: 'old' });
    await theirs.redis.sadd(
      ':button:counter_keys',
      gone,
      'other:counters:button:buy:red',
      counterKey({ ...button, variant: 'x'.repeat(300) }),
    );
    const { notes } = await importAll('gimel');
    expect(notes).toEqual(
      expect.arrayContaining([
        `${gone} is listed, but gone: imported as 0`,
        'other:counters:button:buy:red is of another experiment: left out',
        expect.stringContaining('expected 1 to 256 characters'),
      ]),
    );
    expect((await readGimel())[0]?.goals).toEqual([
      { goal: 'old', results: [{ label: 'red', successes: 0, trials: 5 }] },
    ]);
  });

  test('is refused where its counters are of the other system, and nothing is imported', async () => {
    await trackThere(theirs.redis, 'lamed', visitorsOf(5, button));
    await expect(importAll('gimel')).rejects.toThrow(
      ':counters:button:participate:red: expected a HyperLogLog, as Gimel keeps it, got something else; nothing is imported (is this an installation of lamed?)',
    );
    await theirs.redis.flushdb();
    await trackThere(theirs.redis, 'gimel', visitorsOf(5, button));
    await expect(importAll('lamed')).rejects.toThrow('expected a whole number, as Lamed keeps it');
    await theirs.redis.set(':button:counter_keys', 'no set');
    await expect(importAll('lamed')).rejects.toThrow(':button:counter_keys: expected a set');
    expect(await readGimel()).toEqual([]);
  });

  test('takes the place of what the other system had counted only with --replace', async () => {
    await trackThere(theirs.redis, 'lamed', visitorsOf(5, button));
    await importAll('lamed');
    await theirs.redis.flushdb();
    await trackThere(theirs.redis, 'gimel', visitorsOf(3, button));
    await expect(importAll('gimel')).rejects.toThrow('--replace');
    await importAll('gimel', { replace: true });
    expect((await report.experiment('button', { namespace: NAMESPACE })).variants[0]?.participants).toBe(3);
  });

  test('says so where it is empty, or has no such namespace', async () => {
    await expect(importAll('gimel')).rejects.toThrow(
      'nothing to import: no namespace of Gimel or Lamed is in this Redis',
    );
    await expect(importAll('gimel', { namespaces: ['shop'] })).rejects.toThrow(
      'namespace "shop": expected a set shop:experiments with names, got none',
    );
  });

  test('is not taken for one where only Mem itself has counted', async () => {
    await theirs.redis.sadd('{mem}:g1:experiments', 'alephbet:button@0');
    await expect(importAll('gimel')).rejects.toThrow('nothing to import');
  });

  test('is told from one that does not answer, or lets nobody in, without the password', async () => {
    const [port = 0] = await findFreePorts(1);
    await expect(openRedis(`redis://127.0.0.1:${port}`)).rejects.toThrow(
      `Redis at 127.0.0.1:${port} cannot be read: connect ECONNREFUSED`,
    );
    const { host } = new URL(theirs.url);
    const denied = openRedis(`redis://nobody:secret-word@${host}`);
    await expect(denied).rejects.toThrow(/WRONGPASS.*check user and password/);
    await expect(denied).rejects.not.toThrow('secret-word');
  });

  test('stops where a write fails, and says how far it came', async () => {
    await trackThere(theirs.redis, 'gimel', DATA);
    const { imports } = await importAll('gimel');
    let writes = 0;
    const failing = {
      write: () => ((writes += 1) === 2 ? Promise.reject(new Error('throttled')) : Promise.resolve(true)),
    };
    await expect(writeAll(imports, false, failing)).rejects.toThrow(
      'throttled. 1 of 3 experiments are imported; begin again, it adds nothing twice',
    );
  });
});
