import { afterEach, describe, expect, test } from '@jest/globals';
import { readConsumerConfig, readIngestConfig, readOriginConfig } from '../../shared/runtime/config.ts';
import { VERSIONS } from '../../shared/contract/versions.ts';
import { DEFAULT_LIMITS } from '../../shared/contract/limits.ts';
import settings from '../../deploy/settings.cjs';

const STORES = { STREAM_NAME: 'events', CLAIMS_TABLE: 'claims', STATE_TABLE: 'state' };
const MEANT = [
  'MEM_RECORD_VERSION',
  'MEM_LIMITS',
  'MEM_COUNT_ONLY_DEFINED',
  'MEM_COUNT_CRAWLERS',
  'MEM_ALLOWED_ORIGINS',
  'MEM_EVENT_LIMITS',
];

afterEach(() => {
  for (const variable of MEANT) Reflect.deleteProperty(process.env, variable);
});

/** What the functions make of the environment that serverless.yml gives them. */
async function readBack(environment: Record<string, string>) {
  Object.assign(process.env, environment);
  const { limits, countOnlyDefined, allowedOrigins, countCrawlers, recordVersion, eventLimits } = await settings({
    options: {},
    resolveVariable: () => Promise.resolve('test'),
  });
  const consumer = readConsumerConfig({
    ...STORES,
    LIMITS: limits,
    COUNT_ONLY_DEFINED: countOnlyDefined,
    EVENT_LIMITS: eventLimits,
  });
  expect(consumer.eventLimits).toEqual(JSON.parse(eventLimits));
  const ingest = readIngestConfig({
    STREAM_NAME: 's',
    COUNT_CRAWLERS: countCrawlers,
    RECORD_VERSION: recordVersion,
    EVENT_LIMITS: eventLimits,
  });
  return {
    limits: consumer.limits,
    countOnlyDefined: consumer.countOnlyDefined,
    countCrawlers: ingest.countCrawlers,
    recordVersion: ingest.recordVersion,
    eventLimits: ingest.eventLimits,
    ...readOriginConfig({ ALLOWED_ORIGINS: allowedOrigins }),
  };
}

describe('settings reach the functions', () => {
  test('as they are by default', async () => {
    expect(await readBack({})).toEqual({
      limits: DEFAULT_LIMITS,
      countOnlyDefined: false,
      countCrawlers: false,
      recordVersion: VERSIONS.record,
      eventLimits: { perSecond: 10_000, perSecondByAddress: 2_500, perHourByUnit: 1_000 },
      allowedOrigins: [],
    });
  });

  test('as they were chosen', async () => {
    const chosen = {
      MEM_LIMITS: '{"experiments":5}',
      MEM_COUNT_ONLY_DEFINED: 'true',
      MEM_COUNT_CRAWLERS: 'true',
      MEM_RECORD_VERSION: '1',
      MEM_EVENT_LIMITS: '{"perSecondByAddress":0}',
      MEM_ALLOWED_ORIGINS: 'https://shop.example, https://www.shop.example',
    };
    expect(await readBack(chosen)).toEqual({
      limits: { ...DEFAULT_LIMITS, experiments: 5 },
      countOnlyDefined: true,
      countCrawlers: true,
      recordVersion: 1,
      eventLimits: { perSecond: 10_000, perSecondByAddress: 0, perHourByUnit: 1_000 },
      allowedOrigins: ['https://shop.example', 'https://www.shop.example'],
    });
  });
});
