import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import type { LoggedEvent } from '../../../shared/counting/log/event-log.ts';
import { createEventLog } from '../../../shared/stores/log/event-log.ts';
import { createFolder } from '../../../shared/stores/log/folder.ts';
import { loggedEvent, logFileHeader, sequenceOf } from '../../support/log/logged-events.ts';

const DAY_MS = 86_400_000;
const IN_DOCS = "'.mem/log/events/**/*.parquet'";
const folder = mkdtempSync(join(tmpdir(), 'mem-sql-'));
let duckdb: DuckDBConnection;

/** Of a hundred visitors, half in each variant, every fourth signs up and buys a day later; B pays twice as much. */
function visitorsEvents(): LoggedEvent[] {
  return Array.from({ length: 100 }, (_, visitor) => {
    const segments = { country: visitor % 5 === 0 ? 'IL' : 'de' };
    const unit = `visitor ${visitor} ✓`;
    const number = visitor * 10;
    const isB = visitor % 2 === 1;
    const exposure = loggedEvent(number, { variant: isB ? 'B' : 'A', unit, segments });
    if (visitor % 4 > 1) return [exposure];
    const goals = ['sign up', 'buy'].map((event, index): LoggedEvent => ({
      ...loggedEvent(number + 1 + index, { variant: isB ? 'B' : 'A', unit, segments, event, value: isB ? 20 : 10 }),
      at: exposure.at + DAY_MS,
    }));
    return [exposure, ...goals];
  }).flat();
}

beforeAll(async () => {
  const log = createEventLog(createFolder(folder));
  const events = visitorsEvents();
  await log.append(logFileHeader({ to: sequenceOf(499) }), events.slice(0, 100));
  await log.append(logFileHeader({ from: sequenceOf(499), to: sequenceOf(999) }), events.slice(100));
  duckdb = await (await DuckDBInstance.create()).connect();
  await duckdb.run("SET TimeZone = 'UTC'");
});

afterAll(() => {
  duckdb.closeSync();
  rmSync(folder, { recursive: true });
});

async function ask(sql: string): Promise<Record<string, unknown>[]> {
  const reader = await duckdb.runAndReadAll(sql.replaceAll(IN_DOCS, `'${folder}/events/**/*.parquet'`));
  return reader.getRowObjectsJson();
}

/** The query under a heading of docs/sql.md. */
function documented(heading: string): string {
  const text = readFileSync('docs/sql.md', 'utf8');
  const [, sql = ''] = /```sql\n([^]*?)```/.exec(text.slice(text.indexOf(`\n## ${heading}\n`))) ?? [];
  return sql;
}

describe('the queries of docs/sql.md, asked of files that Mem wrote', () => {
  test('conversions by variant and country', async () => {
    expect(await ask(documented('Conversions by variant and country'))).toEqual([
      { variant: 'A', country: 'IL', visitors: '10', buyers: '5' },
      { variant: 'A', country: 'de', visitors: '40', buyers: '20' },
      { variant: 'B', country: 'IL', visitors: '10', buyers: '5' },
      { variant: 'B', country: 'de', visitors: '40', buyers: '20' },
    ]);
  });

  test('time to conversion', async () => {
    const rows = await ask(documented('Time to conversion'));
    expect(rows).toMatchObject([
      { variant: 'A', buyers: '25' },
      { variant: 'B', buyers: '25' },
    ]);
    expect(JSON.stringify(rows)).toMatch(/1 day|"days":1/);
  });

  test('a funnel', async () => {
    expect(await ask(documented('A funnel'))).toEqual([
      { variant: 'A', saw: '50', signed_up: '25', bought: '25' },
      { variant: 'B', saw: '50', signed_up: '25', bought: '25' },
    ]);
  });

  test('quantiles of revenue', async () => {
    expect(await ask(documented('Quantiles of revenue'))).toEqual([
      { variant: 'A', total: 250, quantiles: [10, 10, 10] },
      { variant: 'B', total: 500, quantiles: [20, 20, 20] },
    ]);
  });

  test('retention', async () => {
    const rows = await ask(documented('Retention'));
    expect(rows.map(({ later, visitors }) => [later, visitors])).toEqual([
      ['0', '100'],
      ['1', '50'],
    ]);
  });

  test('times are in UTC, and ids are UUIDs', async () => {
    const [row] = await ask(
      `SELECT typeof(received_at) AS time, typeof(uuid) AS id, received_at FROM ${IN_DOCS} ORDER BY received_at LIMIT 1`,
    );
    expect(row).toMatchObject({ time: 'TIMESTAMP WITH TIME ZONE', id: 'UUID' });
    expect(JSON.stringify(row)).toContain(new Date(1_790_000_000_000).toISOString().slice(0, 10));
  });

  test('any name is read as it was written, and segments can be asked for', async () => {
    const strange = mkdtempSync(join(tmpdir(), 'mem-sql-'));
    try {
      const names = ['a:b/c', `it's "quoted"`, 'ניסוי', '🧪 \u0000', "'; DROP TABLE events", ''];
      const rows = names.map((name, index) =>
        loggedEvent(index, {
          experiment: `e${name}`,
          event: `g${name}`,
          unit: `u${name}`,
          segments: { [`k${name}`]: name },
        }),
      );
      const log = createEventLog(createFolder(strange));
      await log.append(logFileHeader(), rows);
      const read: LoggedEvent[] = [];
      for await (const page of log.read(logFileHeader().shard, undefined)) read.push(...page.events);
      expect(read).toEqual(rows);
      const asked = await duckdb.runAndReadAll(
        `SELECT experiment, event, unit, map_values(CAST(segments AS MAP(VARCHAR, VARCHAR)))[1] AS segment
         FROM (SELECT * REPLACE (CAST(segments AS JSON) AS segments) FROM '${strange}/events/**/*.parquet') ORDER BY index`,
      );
      expect(asked.getRowObjectsJson()).toEqual(
        names.map((name) => ({ experiment: `e${name}`, event: `g${name}`, unit: `u${name}`, segment: name })),
      );
    } finally {
      rmSync(strange, { recursive: true });
    }
  });
});
