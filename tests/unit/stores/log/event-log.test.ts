import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventLog, LoggedEvent } from '../../../../shared/counting/log/event-log.ts';
import { createEventLog } from '../../../../shared/stores/log/event-log.ts';
import { createFolder } from '../../../../shared/stores/log/folder.ts';
import { createMemoryObjects } from '../../../support/log/memory-objects.ts';
import { loggedEvent, logFileHeader, sequenceOf } from '../../../support/log/logged-events.ts';

const { shard } = logFileHeader();

/** Files with ten records each, every record with two events. */
async function appendFiles(log: EventLog, files: number): Promise<LoggedEvent[]> {
  const all: LoggedEvent[] = [];
  for (let file = 0; file < files; file += 1) {
    const numbers = Array.from({ length: 10 }, (_, index) => 1 + file * 10 + index);
    const events = numbers.flatMap((number) => [loggedEvent(number), { ...loggedEvent(number), index: 1 }]);
    const from = file === 0 ? undefined : sequenceOf(file * 10);
    await log.append(logFileHeader({ from, to: sequenceOf(file * 10 + 10) }), events);
    all.push(...events);
  }
  return all;
}

async function readEvents(log: EventLog, after?: string): Promise<LoggedEvent[]> {
  const events: LoggedEvent[] = [];
  for await (const page of log.read(shard, after)) events.push(...page.events);
  return events;
}

describe('the chain of a shard', () => {
  test('is read in order, from any record on', async () => {
    const log = createEventLog(createMemoryObjects());
    const all = await appendFiles(log, 3);
    expect(await readEvents(log)).toEqual(all);
    for (let number = 0; number <= 31; number += 1) {
      expect(await readEvents(log, sequenceOf(number))).toEqual(all.slice(2 * number));
    }
  });

  test('is put in order by number, not by text', async () => {
    const log = createEventLog(createMemoryObjects());
    await log.append(logFileHeader({ to: '9' }), []);
    await log.append(logFileHeader({ from: '9', to: '10' }), []);
    await log.append(logFileHeader({ from: '10', to: '11' }), []);
    expect(await log.begins(shard)).toEqual([undefined, '9', '10']);
  });

  test('has one file for each beginning: the first writer wins', async () => {
    const log = createEventLog(createMemoryObjects());
    expect(await log.append(logFileHeader(), [loggedEvent(1)])).toBe('written');
    expect(await log.append(logFileHeader({ to: sequenceOf(5) }), [])).toBe('exists');
    expect(await readEvents(log)).toEqual([loggedEvent(1)]);
  });

  test('with a file missing is not read past the gap', async () => {
    const objects = createMemoryObjects();
    const log = createEventLog(objects);
    const all = await appendFiles(log, 3);
    objects.contents.delete(`events/v1/${shard}/${sequenceOf(10)}.parquet`);
    const seen: LoggedEvent[] = [];
    const reading = async () => {
      for await (const { events } of log.read(shard, undefined)) seen.push(...events);
    };
    await expect(reading()).rejects.toThrow(new RegExp(`${sequenceOf(10)}.parquet is missing.*Put it back`));
    expect(seen).toEqual(all.slice(0, 20));
  });

  test('without its first file is refused', async () => {
    const objects = createMemoryObjects();
    const log = createEventLog(objects);
    await appendFiles(log, 2);
    objects.contents.delete(`events/v1/${shard}/start.parquet`);
    await expect(readEvents(log)).rejects.toThrow(/start.parquet is missing/);
  });

  test('with a damaged file gives no row of it', async () => {
    const objects = createMemoryObjects();
    const log = createEventLog(objects);
    const all = await appendFiles(log, 2);
    const key = `events/v1/${shard}/${sequenceOf(10)}.parquet`;
    const bytes = Buffer.from(objects.contents.get(key) ?? '');
    bytes[200] = (bytes[200] ?? 0) ^ 1;
    objects.contents.set(key, bytes);
    const seen: LoggedEvent[] = [];
    const reading = async () => {
      for await (const { events } of log.read(shard, undefined)) seen.push(...events);
    };
    await expect(reading()).rejects.toThrow(/is damaged/);
    expect(seen).toEqual(all.slice(0, 20));
  });

  test('goes on after a file that cannot be used where somebody is told, and says what is lost', async () => {
    const objects = createMemoryObjects();
    const log = createEventLog(objects);
    const all = await appendFiles(log, 4);
    objects.contents.set(`events/v1/${shard}/${sequenceOf(10)}.parquet`, Buffer.from('PAR1'));
    objects.contents.delete(`events/v1/${shard}/${sequenceOf(20)}.parquet`);
    const faults: string[] = [];
    const seen: LoggedEvent[] = [];
    const losses = [];
    for await (const page of log.read(shard, undefined, ({ fault }) => faults.push(fault))) {
      seen.push(...page.events);
      if (page.lost) losses.push([page.through, page.lost.to]);
    }
    expect(seen).toEqual([...all.slice(0, 20), ...all.slice(60)]);
    expect(losses).toEqual([[sequenceOf(30), sequenceOf(30)]]);
    expect(faults).toEqual(['damaged']);
  });

  test('tells a lost beginning once, and only to whoever reads it', async () => {
    const log = createEventLog(createMemoryObjects());
    const lost = { to: sequenceOf(3), countedSince: 7 };
    await log.append(logFileHeader({ to: sequenceOf(5), lost }), [loggedEvent(3), loggedEvent(4)]);
    const lossesAfter = async (after?: string) => {
      const losses = [];
      for await (const page of log.read(shard, after)) if (page.lost) losses.push(page.lost);
      return losses;
    };
    expect(await lossesAfter()).toEqual([lost]);
    expect(await lossesAfter(sequenceOf(3))).toEqual([]);
  });

  test('never parts the events of a record, whatever is decoded at once', async () => {
    const log = createEventLog(createMemoryObjects());
    const events = Array.from({ length: 30_000 }, (_, n) => ({ ...loggedEvent(Math.floor(n / 7)), index: n % 7 }));
    await log.append(logFileHeader({ to: sequenceOf(9_000) }), events);
    let before = '';
    const seen: LoggedEvent[] = [];
    for await (const page of log.read(shard, undefined)) {
      expect(page.events[0]?.sequence).not.toBe(before);
      before = page.through;
      seen.push(...page.events);
    }
    expect(seen).toEqual(events);
    expect(before).toBe(sequenceOf(9_000));
  });
});

describe('a folder', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mem-log-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('holds a log', async () => {
    const log = createEventLog(createFolder(join(folder, 'log')));
    expect(await log.shards()).toEqual([]);
    const all = await appendFiles(log, 2);
    expect(await log.append(logFileHeader(), [])).toBe('exists');
    expect(await log.shards()).toEqual([shard]);
    expect(await readEvents(log)).toEqual(all);
  });

  test('keeps one of many writers, whole, and nothing unfinished', async () => {
    const objects = createFolder(folder);
    const contents = Array.from({ length: 20 }, (_, index) => Buffer.alloc(100_000, index));
    const written = await Promise.all(contents.map((bytes) => objects.create('a/b', bytes)));
    expect(written.filter((won) => won)).toHaveLength(1);
    expect(await objects.get('a/b')).toEqual(contents[written.indexOf(true)]);
    expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
    const read = (await objects.get('a/b')) ?? Buffer.alloc(0);
    expect(await objects.replace('a/b', Buffer.from('new'), Buffer.from('other'))).toBe(false);
    expect(await objects.replace('a/b', Buffer.from('new'), read)).toBe(true);
    expect(readdirSync(join(folder, 'a'))).toEqual(['b']);
    expect(await objects.get('a/b')).toEqual(Buffer.from('new'));
    expect([...(await objects.list('a/'))]).toEqual([['a/b', 3]]);
    expect(await objects.get('a/c')).toBeUndefined();
  });
});
