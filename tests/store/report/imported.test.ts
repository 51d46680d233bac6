import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { settingsOf } from '../../../shared/reporting/conclude.ts';
import { readTally, withImported } from '../../../shared/reporting/tally.ts';
import { createImports, type ImportedCounts, type Imports } from '../../../shared/stores/dynamodb/imports.ts';
import { anEvent, DAY_MS, NOON } from '../../support/counting/events.ts';
import { codesOf, createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { traffic } from '../../support/counting/traffic.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let report: ReportUnderTest;
let imports: Imports;

beforeAll(async () => {
  world = await createWorld();
  report = await createReport(world, () => NOON + 2 * DAY_MS);
  imports = createImports(world.dynamodb, world.stateTable);
});

afterAll(() => world.close());

function importedOf(
  experiment: string,
  counts: [variant: string, event: string, count: number][],
  changes: Partial<ImportedCounts> = {},
): ImportedCounts {
  const at = NOON - DAY_MS;
  return {
    namespace: 'alephbet',
    experiment,
    incarnation: 0,
    source: 'lamed',
    at,
    counts: counts.map(([variant, event, count]) => ({ variant, event, count })),
    ...changes,
  };
}

const ARMS = [
  { variant: 'control', participants: 300, goals: { bought: 30 } },
  { variant: 'blue', participants: 300, goals: { bought: 33 } },
];

describe('imported counts beside events with units', () => {
  test('are added to participants and conversions, of which only repeats of visitors here are taken off; metrics on visitors have none of them', async () => {
    await report.count(traffic('shop', ARMS));
    await report.count(
      Array.from({ length: 20 }, () =>
        anEvent({ experiment: 'shop', variant: 'blue', unit: 'blue-0', event: 'bought' }),
      ),
    );
    await imports.write(
      importedOf('shop', [
        ['control', 'participate', 1_000],
        ['blue', 'participate', 1_000],
        ['control', 'bought', 100],
        ['blue', 'bought', 110],
      ]),
      false,
    );

    const { goals, metrics, variants } = await report.experiment('shop');
    expect(variants.map(({ participants, units }) => [participants, units])).toEqual([
      [1_300, 300],
      [1_300, 300],
    ]);
    expect(goals[0]?.results[1]).toMatchObject({ variant: 'blue', count: 163, units: 1_300, converted: 143 });
    const perVisitor = metrics.find(({ label }) => label === 'n_bought');
    expect(perVisitor?.results[1]).toMatchObject({
      units: 300,
      converted: 33,
      measured: { value: expect.closeTo(53 / 300, 9) },
    });
  });

  test('of a variant that is new here are compared, too', async () => {
    await report.count(traffic('menu', ARMS));
    await imports.write(
      importedOf('menu', [
        ['old', 'participate', 400],
        ['old', 'bought', 20],
      ]),
      false,
    );
    const { variants, goals } = await report.experiment('menu');
    expect(variants.map(({ name }) => name)).toEqual(['control', 'blue', 'old']);
    expect(goals[0]?.results[2]).toMatchObject({ variant: 'old', count: 20, units: 400, converted: 20 });
  });
});

describe('the pace of an experiment', () => {
  const span = { first: NOON - 10 * DAY_MS, last: NOON };
  const tally = readTally({ counts: { 'control:participate': '500', 'blue:participate': '500' }, moments: {} });

  test('is what Mem has counted', () => {
    const both = withImported(tally, importedOf('any', [['control', 'participate', 1_000_000]]));
    expect(settingsOf(undefined, both, span)).toEqual(settingsOf(undefined, tally, span));
    expect(settingsOf(undefined, tally, span)).toMatchObject({ participantsPerDay: 100 });
  });

  test('makes no alarm of a silence that only imported events would break', async () => {
    await report.count([anEvent({ experiment: 'quiet' })], NOON - 10 * DAY_MS);
    await report.count([anEvent({ experiment: 'quiet' })], NOON);
    await report.count([anEvent({ experiment: 'loud' })], NOON + 2 * DAY_MS);
    await imports.write(importedOf('quiet', [['red', 'participate', 1_000_000]]), false);
    expect(codesOf(await report.experiment('quiet'))).not.toContain('silent');
  });
});

describe('what is written for an experiment', () => {
  test('takes the place of the other system only where that is wanted', async () => {
    expect(await imports.write(importedOf('twice', [['red', 'participate', 1]]), false)).toBe(true);
    expect(await imports.write(importedOf('twice', [['red', 'participate', 2]]), false)).toBe(true);
    expect(await imports.write(importedOf('twice', [['red', 'participate', 3]], { source: 'gimel' }), false)).toBe(
      false,
    );
    expect((await report.experiment('twice')).imported).toMatchObject({ source: 'lamed', participants: 2 });
    expect(await imports.write(importedOf('twice', [['red', 'participate', 3]], { source: 'gimel' }), true)).toBe(true);
    expect((await report.experiment('twice')).imported).toMatchObject({ source: 'gimel', participants: 3 });
  });

  test('does not come back after a deletion, not even when it was on its way; a new one counts', async () => {
    await imports.write(importedOf('gone', [['red', 'participate', 5]]), false);
    expect((await report.request('/v1/experiment?experiment=gone', { method: 'DELETE' })).status).toBe(204);
    expect(await imports.read('alephbet', 'gone')).toBeUndefined();

    await imports.write(importedOf('gone', [['red', 'participate', 5]]), false);
    expect((await report.request('/v1/experiment?experiment=gone')).status).toBe(404);
    expect((await report.list()).experiments.map(({ name }) => name)).not.toContain('gone');
    expect(await report.read('/experiments?scope=gone')).toMatchObject([{}, { goals: [] }]);

    expect(
      await imports.write(importedOf('gone', [['red', 'participate', 7]], { incarnation: 1, source: 'gimel' }), false),
    ).toBe(true);
    expect((await report.experiment('gone')).variants[0]?.participants).toBe(7);
  });

  test('holds names that mean something to programs', async () => {
    const odd = importedOf('odd', [
      ['__proto__', 'participate', 4],
      ['constructor', 'participate', 5],
      ['__proto__', 'toString', 2],
    ]);
    await imports.write(odd, false);
    const { variants, goals } = await report.experiment('odd');
    expect(variants.map(({ name, participants }) => [name, participants])).toEqual([
      ['__proto__', 4],
      ['constructor', 5],
    ]);
    expect(goals.map(({ name }) => name)).toEqual(['toString']);
  });

  test('is in the table for spreadsheets', async () => {
    const csv = await (await report.request('/v1/experiment?experiment=twice&format=csv')).text();
    expect(csv).not.toContain('undefined');
    const listed = await (await report.request('/v1/experiments?format=csv')).text();
    expect(listed).toMatch(/alephbet,twice,running,no goal,,,3,1,0,.*imported/);
  });
});
