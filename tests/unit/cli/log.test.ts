import { describe, expect, test } from '@jest/globals';
import { exportEvents, summarizeShards } from '../../../cli/commands/operate/log.ts';
import { createEventLog } from '../../../shared/stores/log/event-log.ts';
import { surveyLog } from '../../../shared/stores/log/survey.ts';
import { loggedEvent, logFileHeader, sequenceOf } from '../../support/log/logged-events.ts';
import { createMemoryObjects } from '../../support/log/memory-objects.ts';

const shard = 'events/shardId-000000000000';

async function threeFiles() {
  const objects = createMemoryObjects();
  const log = createEventLog(objects);
  for (const first of [0, 10, 20]) {
    const from = first === 0 ? undefined : sequenceOf(first);
    const events = [
      loggedEvent(first + 1),
      loggedEvent(first + 2, { event: 'buy', value: 9.5, segments: { country: 'IL' } }),
    ];
    await log.append(logFileHeader({ from, to: sequenceOf(first + 10) }), events);
  }
  return objects;
}

async function exported(options: Parameters<typeof exportEvents>[1]) {
  let text = '';
  for await (const part of exportEvents(surveyLog(await threeFiles()), options)) text += part;
  return text.trimEnd().split('\n');
}

describe('mem log', () => {
  test('sums up the files of a shard', async () => {
    expect(await summarizeShards(surveyLog(await threeFiles()))).toMatchObject([
      { shard, files: 3, rows: 6, first: 1_790_000_000_000, last: 1_790_000_001_000, losses: 0, faults: [] },
    ]);
  });

  test('names a file that is damaged, and one that is missing', async () => {
    const objects = await threeFiles();
    objects.contents.delete(`events/v1/${shard}/${sequenceOf(10)}.parquet`);
    objects.contents.set(`events/v1/${shard}/start.parquet`, Buffer.from('PAR1'));
    const [summary] = await summarizeShards(surveyLog(objects));
    expect(summary?.faults).toEqual([expect.stringContaining('is damaged')]);
    const other = await threeFiles();
    other.contents.delete(`events/v1/${shard}/${sequenceOf(10)}.parquet`);
    const [gap] = await summarizeShards(surveyLog(other));
    expect(gap?.faults).toEqual([expect.stringContaining(`begins after ${sequenceOf(10)} is missing`)]);
    const late = await threeFiles();
    late.contents.delete(`events/v1/${shard}/start.parquet`);
    const [beginning] = await summarizeShards(surveyLog(late));
    expect(beginning?.faults).toEqual([expect.stringContaining('first file is missing')]);
  });

  test('exports nothing that a spreadsheet takes for a formula', async () => {
    const objects = createMemoryObjects();
    const events = [loggedEvent(1, { experiment: '=cmd()' })];
    await createEventLog(objects).append(logFileHeader({ from: undefined, to: sequenceOf(10) }), events);
    let text = '';
    for await (const part of exportEvents(surveyLog(objects), { format: 'csv' })) text += part;
    expect(text).toContain(`alephbet,"'=cmd()",`);
  });

  test('exports CSV, with what has commas or quotes in quotes', async () => {
    const [header, first, second] = await exported({ format: 'csv', until: 1_790_000_000_003 });
    expect(header).toBe(
      'namespace,experiment,incarnation,variant,event,uuid,unit,value,segments,received_at,shard,sequence,index',
    );
    expect(first).toMatch(/^alephbet,checkout,0,B,participate,00000000-0000-4000-8000-000000000001,unit-1,,,2026-/);
    expect(second).toContain(',unit-2,9.5,"{""country"":""IL""}",');
  });

  test('exports a line of JSON for each event that is asked for', async () => {
    const since = 1_790_000_000_011;
    const lines = await exported({ format: 'ndjson', since, experiment: 'checkout', namespace: 'alephbet' });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { event: 'participate', value: null },
      { event: 'buy', value: 9.5, segments: { country: 'IL' } },
      { sequence: sequenceOf(21) },
      { sequence: sequenceOf(22) },
    ]);
    expect(await exported({ format: 'ndjson', experiment: 'other' })).toEqual(['']);
  });
});
