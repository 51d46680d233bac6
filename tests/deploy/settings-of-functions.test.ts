import { afterEach, describe, expect, test } from '@jest/globals';
import { readConsumerConfig, readOriginConfig } from '../../shared/runtime/config.ts';
import { DEFAULT_LIMITS } from '../../shared/contract/limits.ts';
import settings from '../../deploy/settings.cjs';

const STORES = { STREAM_NAME: 'events', CLAIMS_TABLE: 'claims', STATE_TABLE: 'state' };
const MEANT = ['MEM_LIMITS', 'MEM_COUNT_ONLY_DEFINED', 'MEM_ALLOWED_ORIGINS'];

afterEach(() => {
  for (const variable of MEANT) Reflect.deleteProperty(process.env, variable);
});

/** What the functions make of the environment that serverless.yml gives them. */
async function readBack(environment: Record<string, string>) {
  Object.assign(process.env, environment);
  const { limits, countOnlyDefined, allowedOrigins } = await settings({
    options: {},
    resolveVariable: () => Promise.resolve('test'),
  });
  const consumer = readConsumerConfig({ ...STORES, LIMITS: limits, COUNT_ONLY_DEFINED: countOnlyDefined });
  return {
    limits: consumer.limits,
    countOnlyDefined: consumer.countOnlyDefined,
    ...readOriginConfig({ ALLOWED_ORIGINS: allowedOrigins }),
  };
}

describe('settings reach the functions', () => {
  test('as they are by default', async () => {
    expect(await readBack({})).toEqual({ limits: DEFAULT_LIMITS, countOnlyDefined: false, allowedOrigins: [] });
  });

  test('as they were chosen', async () => {
    const chosen = {
      MEM_LIMITS: '{"experiments":5}',
      MEM_COUNT_ONLY_DEFINED: 'true',
      MEM_ALLOWED_ORIGINS: 'https://shop.example, https://www.shop.example',
    };
    expect(await readBack(chosen)).toEqual({
      limits: { ...DEFAULT_LIMITS, experiments: 5 },
      countOnlyDefined: true,
      allowedOrigins: ['https://shop.example', 'https://www.shop.example'],
    });
  });
});
