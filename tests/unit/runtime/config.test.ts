import { describe, expect, test } from '@jest/globals';
import {
  readConsumerConfig,
  readIngestConfig,
  readOriginConfig,
  readReportConfig,
} from '../../../shared/runtime/config.ts';
import { PermanentError } from '../../../shared/runtime/errors.ts';
import { DEFAULT_LIMITS } from '../../../shared/contract/limits.ts';

const consumer = { STREAM_NAME: 'events', CLAIMS_TABLE: 'claims', STATE_TABLE: 'state' };

describe('the configuration', () => {
  test('names every missing setting at once', () => {
    expect(() => readConsumerConfig({})).toThrow(
      new PermanentError('Bad configuration: STREAM_NAME is missing; CLAIMS_TABLE is missing; STATE_TABLE is missing.'),
    );
  });

  test('takes an empty setting for a missing one', () => {
    expect(() => readReportConfig({ STATE_TABLE: '' })).toThrow('Bad configuration: STATE_TABLE is missing.');
  });

  test('names missing and bad settings together, with what was expected and what came', () => {
    expect(() => readIngestConfig({ KINESIS_ENDPOINT: 'nowhere', PUT_BUDGET_MS: '1e3' })).toThrow(
      'Bad configuration: STREAM_NAME is missing; KINESIS_ENDPOINT: expected a URL, got "nowhere"; ' +
        'PUT_BUDGET_MS: expected a whole number from 100 to 25000, got "1e3".',
    );
  });

  test.each(['mem', '{mem', '{}', '{a}{b}', '{a b}'])(
    'refuses %s as a prefix: keys must lie under one hash tag',
    (prefix) => {
      expect(() => readReportConfig({ STATE_TABLE: 'state', REDIS_PREFIX: prefix })).toThrow(
        'REDIS_PREFIX: expected a hash tag',
      );
    },
  );

  test('takes a Redis for one server, unless it is told that it is a cluster', () => {
    expect(readReportConfig({ STATE_TABLE: 'state' }).redisCluster).toBe(false);
    expect(readReportConfig({ STATE_TABLE: 'state', REDIS_CLUSTER: 'true' }).redisCluster).toBe(true);
    expect(() => readReportConfig({ STATE_TABLE: 'state', REDIS_CLUSTER: 'yes' })).toThrow(
      'REDIS_CLUSTER: expected true or false, got "yes"',
    );
  });

  test.each(['0', '3651', '-1', '1.5', 'week', ' 3'])('refuses a claim window of %s days', (days) => {
    expect(() => readConsumerConfig({ ...consumer, CLAIM_WINDOW_DAYS: days })).toThrow(
      'CLAIM_WINDOW_DAYS: expected a whole number',
    );
  });

  test('remembers a uuid for 30 days and a record for 7, unless it is told otherwise', () => {
    const { claimWindowMs, retentionMs } = readConsumerConfig(consumer);
    expect([claimWindowMs, retentionMs]).toEqual([30 * 86_400_000, 7 * 86_400_000]);
    const told = readConsumerConfig({ ...consumer, CLAIM_WINDOW_DAYS: '60', STREAM_RETENTION_HOURS: '48' });
    expect([told.claimWindowMs, told.retentionMs]).toEqual([60 * 86_400_000, 2 * 86_400_000]);
  });

  test('refuses a claim window that is shorter than the retention: one batch could span it', () => {
    const settings = { ...consumer, CLAIM_WINDOW_DAYS: '2', STREAM_RETENTION_HOURS: '49' };
    expect(() => readConsumerConfig(settings)).toThrow(
      'CLAIM_WINDOW_DAYS must not be shorter than STREAM_RETENTION_HOURS',
    );
    expect(() => readConsumerConfig({ ...settings, STREAM_RETENTION_HOURS: '48' })).not.toThrow();
  });

  test('counts every experiment within the limits, unless it is told otherwise', () => {
    expect(readConsumerConfig(consumer)).toMatchObject({ limits: DEFAULT_LIMITS, countOnlyDefined: false });
    const told = readConsumerConfig({
      ...consumer,
      LIMITS: '{"experiments":5,"segments":0}',
      COUNT_ONLY_DEFINED: 'true',
    });
    expect(told).toMatchObject({ limits: { ...DEFAULT_LIMITS, experiments: 5, segments: 0 }, countOnlyDefined: true });
  });

  test.each([
    '5',
    'null',
    '{',
    '{"experiments":-1}',
    '{"experiments":1.5}',
    '{"experiments":"5"}',
    '{"goals":10001}',
    '{"units":5}',
  ])('refuses the limits %s, with what was expected', (limits) => {
    expect(() => readConsumerConfig({ ...consumer, LIMITS: limits })).toThrow(
      'LIMITS: expected JSON with whole numbers from 0 to 10000 for some of namespaces, experiments, variants, goals, segments, visitorGoals, got',
    );
  });

  test('reads origins as browsers write them', () => {
    expect(readOriginConfig({}).allowedOrigins).toEqual([]);
    const ALLOWED_ORIGINS = 'https://Shop.example:443/, http://127.0.0.1:3000';
    expect(readOriginConfig({ ALLOWED_ORIGINS }).allowedOrigins).toEqual([
      'https://shop.example',
      'http://127.0.0.1:3000',
    ]);
    expect(() => readOriginConfig({ ALLOWED_ORIGINS: 'shop.example' })).toThrow(
      'expected origins such as https://shop.example',
    );
    expect(() => readConsumerConfig({ ...consumer, COUNT_ONLY_DEFINED: 'yes' })).toThrow(
      'expected true or false, got "yes"',
    );
  });
});
