import { describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DuckDBInstance } from '@duckdb/node-api';
import { UnusableLogFile, type LoggedEvent } from '../../../../shared/counting/log/event-log.ts';
import { encodeEventFile, openEventFile } from '../../../../shared/stores/log/event-file.ts';
import { loggedEvent, logFileHeader } from '../../../support/log/logged-events.ts';

const STRANGE = ['a:b', 'a/b', '"quoted"', "it's", 'מבחן א/ב', '🦊🎉', '%', '\\', ' ', '{mem}', '__proto__'];

const strangeEvents = STRANGE.flatMap((name, index) => [
  loggedEvent(index, { namespace: name, experiment: name, variant: name, event: name, unit: name, uuid: name }),
  loggedEvent(index, { experiment: name, segments: { 'a.b-c_d': name, country: 'de' }, value: -0.1 }),
]);

async function readAll(bytes: Uint8Array): Promise<LoggedEvent[]> {
  const rows: LoggedEvent[] = [];
  for await (const page of openEventFile(bytes, 'a file').pages()) rows.push(...page);
  return rows;
}

async function queryWithDuckDB(bytes: Uint8Array, query: (file: string) => string): Promise<unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-log-'));
  const file = join(folder, 'file.parquet');
  writeFileSync(file, bytes);
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  try {
    return (await connection.runAndReadAll(query(`'${file}'`))).getRowObjectsJson();
  } finally {
    connection.closeSync();
    rmSync(folder, { recursive: true });
  }
}

describe('a file of the log', () => {
  test('gives back every event as it was, names and all', async () => {
    expect(await readAll(encodeEventFile(logFileHeader(), strangeEvents))).toEqual(strangeEvents);
  });

  test('gives back a goal that names no experiment, whose names and incarnation are null', async () => {
    const goal = {
      ...loggedEvent(1),
      event: { namespace: 'shop', event: 'buy', uuid: 'order 1', unit: 'u1', value: 5, segments: { country: 'IL' } },
    };
    const bytes = encodeEventFile(logFileHeader(), [goal]);
    expect(await readAll(bytes)).toEqual([goal]);
    const rows = await queryWithDuckDB(bytes, (file) => `SELECT experiment, incarnation, variant FROM ${file}`);
    expect(rows).toEqual([{ experiment: null, incarnation: null, variant: null }]);
  });

  test('says what it stands for', () => {
    const header = logFileHeader({ ancestors: ['events/a'], lost: { to: '7', countedSince: 5 } });
    const file = openEventFile(encodeEventFile(header, strangeEvents), 'a file');
    expect({ ...file.header, from: undefined }).toEqual(header);
    expect(file.rows).toBe(strangeEvents.length);
  });

  test('may have no rows', async () => {
    expect(await readAll(encodeEventFile(logFileHeader(), []))).toEqual([]);
  });

  test('keeps more rows than are decoded at once in their order', async () => {
    const events = Array.from({ length: 45_000 }, (_, number) => loggedEvent(number));
    const read = await readAll(encodeEventFile(logFileHeader(), events));
    expect(isDeepStrictEqual(read, events)).toBe(true); // toEqual takes seconds for so many
  });

  test('takes at most 45 bytes a row, with a unit and an uuid that nobody can guess', () => {
    const random = () => crypto.randomUUID();
    const events = Array.from({ length: 20_000 }, (_, number) =>
      loggedEvent(number, {
        uuid: random(),
        unit: Buffer.from(random().replaceAll('-', ''), 'hex').toString('base64url'),
      }),
    );
    expect(encodeEventFile(logFileHeader(), events).length / events.length).toBeLessThanOrEqual(45);
  });

  test('is refused whole where any of its bytes is another one', () => {
    const bytes = encodeEventFile(logFileHeader(), strangeEvents);
    for (let at = 0; at < bytes.length; at += 37) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 4;
      expect(() => openEventFile(changed, 'a file')).toThrow(UnusableLogFile);
    }
  });

  test('is refused where its end is missing', () => {
    const bytes = encodeEventFile(logFileHeader(), strangeEvents);
    expect(() => openEventFile(bytes.subarray(0, bytes.length - 100), 'a file')).toThrow(/a file is damaged .*copy/);
    expect(() => openEventFile(new Uint8Array(0), 'a file')).toThrow(UnusableLogFile);
  });

  test('of a newer release says what to do', () => {
    const header = { ...logFileHeader(), version: 2 };
    expect(() => openEventFile(encodeEventFile(header, []), 'a file')).toThrow(/newer release.*deploy/);
  });
});

describe('another engine', () => {
  test('reads the same rows, with times in UTC, nulls and uuids', async () => {
    const rows = await queryWithDuckDB(
      encodeEventFile(logFileHeader(), strangeEvents),
      (file) =>
        `SELECT namespace, experiment, incarnation, variant, event, uuid, uuid_text, unit, value, segments,
                epoch_ms(received_at) AS at, shard, sequence, "index" FROM ${file}`,
    );
    const isUuid = (uuid: string) => /^[0-9a-f-]{36}$/.test(uuid);
    expect(rows).toEqual(
      strangeEvents.map(({ event, incarnation, at, sequence, index }) => ({
        namespace: event.namespace,
        experiment: event.experiment,
        incarnation,
        variant: event.variant,
        event: event.event,
        uuid: isUuid(event.uuid) ? event.uuid : null,
        uuid_text: isUuid(event.uuid) ? null : event.uuid,
        unit: event.unit ?? null,
        value: event.value ?? null,
        segments: event.segments ? JSON.stringify(event.segments) : null,
        at: String(at),
        shard: logFileHeader().shard,
        sequence,
        index,
      })),
    );
  });

  test('knows the types', async () => {
    const types = await queryWithDuckDB(
      encodeEventFile(logFileHeader(), strangeEvents),
      (file) => `SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ${file})`,
    );
    expect(
      Object.fromEntries(types.map((row) => Object.values(row as Record<string, string>) as [string, string])),
    ).toEqual({
      namespace: 'VARCHAR',
      experiment: 'VARCHAR',
      incarnation: 'INTEGER',
      variant: 'VARCHAR',
      event: 'VARCHAR',
      uuid: 'UUID',
      uuid_text: 'VARCHAR',
      unit: 'VARCHAR',
      value: 'DOUBLE',
      segments: 'VARCHAR',
      received_at: 'TIMESTAMP WITH TIME ZONE',
      shard: 'VARCHAR',
      sequence: 'VARCHAR',
      index: 'INTEGER',
    });
  });

  test('asks for segments', async () => {
    const rows = await queryWithDuckDB(
      encodeEventFile(logFileHeader(), strangeEvents),
      (file) => `SELECT count(*)::INTEGER AS n FROM ${file} WHERE segments->>'country' = 'de'`,
    );
    expect(rows).toEqual([{ n: STRANGE.length }]);
  });
});
