import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { priceOf, sumOf, type Load } from '../../cli/cost/price.ts';
import { PRICES, type Prices } from '../../cli/cost/prices.ts';
import { ASSUMED, SETTINGS } from '../../cli/cost/usage.ts';
import { MAX_BODY_BYTES, MAX_EVENTS } from '../../functions/ingest/parse-request.ts';
import configSchema from '../../deploy/config-schema.json';
import { DEFAULT_LIMITS } from '../../shared/contract/limits.ts';

interface Alarm {
  Properties: { EvaluationPeriods: number };
}

const read = (path: string) => readFileSync(path, 'utf8');
const alarms = createRequire(join(process.cwd(), 'package.json'))('./deploy/alarms.cjs') as {
  always: Record<string, Alarm>;
  ofOwnRedis: (maxGb: number) => Record<string, Alarm>;
};

/** The cells of a table's rows whose first cell has this name, among others. */
function rowOf(page: string, name: string): string[] {
  const rows = page.split('\n').filter((line) => line.startsWith('|'));
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  return cells.find(([first = '']) => first.replaceAll('`', '').split(', ').includes(name)) ?? [];
}

describe('figures of the README are those of', () => {
  const readme = read('README.md');

  test('the simulated experiments in docs/statistics.md', () => {
    const page = read('docs/statistics.md');
    const everOf = (rule: string) =>
      page
        .split('\n')
        .find((line) => line.startsWith(`| ${rule}`))
        ?.split('|')[3]
        ?.trim();
    const [sequential, fixed, chance] = [
      'verdict by `sequential`',
      'verdict by `fixed`',
      'chance to win over 95 %',
    ].map(everOf);
    expect(readme).toContain(
      `on any of 28 days: ${sequential}. A z test read daily: ${fixed}. "Over 95 % chance to win", read daily: ${chance}`,
    );
  });

  test('the price of a month', () => {
    const [prices] = PRICES as [Prices];
    const load: Load = {
      ...{ events: 100e6, perRequest: 10, duplicates: 0, visitors: 0, redis: 'serverless', claims: 'on-demand' },
      ...{ ingestMs: ASSUMED.ingestMs, capacityUse: ASSUMED.capacityUse, eventLog: true },
      batchWindowSeconds: SETTINGS.batchWindowSeconds,
    };
    const millionOf = (changes: Partial<Load>) =>
      (sumOf(priceOf({ ...load, ...changes }, prices), ['event', 'batch']) / 100).toFixed(2);
    const fixed = sumOf(priceOf(load, prices), ['month']).toFixed(0);
    expect(readme).toContain(
      `in batches of 10: ${millionOf({})} $ a million, ${millionOf({ claims: 'provisioned' })} $ with \`claimsCapacity\`; ` +
        `${millionOf({ perRequest: 1 })} $ for single events; ${fixed} $ fixed`,
    );
  });

  test('the runs that it names', () => {
    const events = /\?\? (\d+_\d+)\)/.exec(read('bench/crashes.ts'))?.[1]?.replace('_', ',');
    expect(readme).toContain(`${events} events while every process is killed`);
  });
});

describe('docs/operations.md', () => {
  const page = read('docs/operations.md');

  test.each<[string, number]>(Object.entries(DEFAULT_LIMITS))('has the limit of %s', (kind, limit) => {
    expect(rowOf(page, kind)[1]).toBe(limit.toLocaleString('en'));
  });

  test.each(Object.keys(configSchema.properties))('explains the setting %s', (setting) => {
    expect(rowOf(page, setting)).not.toEqual([]);
  });

  test.each(Object.entries({ ...alarms.always, ...alarms.ofOwnRedis(10) }))('explains the alarm %s', (name, alarm) => {
    expect(rowOf(page, name)[2]).toBe(String(alarm.Properties.EvaluationPeriods));
  });

  test('explains every metric', () => {
    const names = [...read('shared/runtime/metrics.ts').matchAll(/^ {2}\| '(\w+)'/gm)].map(([, name = '']) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => rowOf(page, name).length === 0)).toEqual([]);
  });

  test('has the limits of a request, and of time', () => {
    expect(rowOf(page, 'a request')[1]).toBe(`${MAX_EVENTS} events, ${MAX_BODY_BYTES / 1024} KB`);
    const windowDays = SETTINGS.claimDays - SETTINGS.retentionDays - 1;
    expect(rowOf(page, 'a uuid is remembered')[1]).toBe(`${windowDays} days (\`claimWindowDays\`)`);
    expect(rowOf(page, 'longest outage without loss')[1]).toBe(`${SETTINGS.retentionDays} days (\`retentionHours\`)`);
  });
});

test('docs/privacy.md and docs/architecture.md have the same windows', () => {
  const windowDays = SETTINGS.claimDays - SETTINGS.retentionDays - 1;
  expect(read('docs/privacy.md')).toContain(`${SETTINGS.retentionDays} days (\`retentionHours\`)`);
  expect(read('docs/privacy.md')).toContain(`${windowDays} days + retention + 1 day (\`claimWindowDays\`)`);
  expect(read('docs/architecture.md')).toContain(`${windowDays} days after the first one (\`claimWindowDays\`)`);
  expect(read('docs/architecture.md')).toContain(`(${SETTINGS.retentionDays} days, \`retentionHours\`)`);
});
