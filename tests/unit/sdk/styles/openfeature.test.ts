import { describe, expect, test } from '@jest/globals';
import { OpenFeature } from '@openfeature/server-sdk';
import { defineExperiment } from '../../../../sdk/src/experiment/definition.ts';
import { createMemoryStore } from '../../../../sdk/src/experiment/assignment.ts';
import { createProvider } from '../../../../sdk/src/openfeature.ts';
import { percent } from '../../../../sdk/src/rollout.ts';
import { recordExperiments } from '../../../support/sdk/experiments.ts';

const colors = defineExperiment({
  name: 'colors',
  variants: {
    control: () => 'old',
    red: (): string => {
      throw new Error('a flag never runs a behavior');
    },
  },
  rollout: percent({ control: 0, red: 100 }),
  exclude: [(c) => c.internal],
  segment: [{ when: (c) => c.beta, variant: 'control' }],
});

const flags = {
  colors: { experiment: colors, goals: ['bought'] },
  size: { experiment: { ...colors, name: 'size' }, values: { control: 10, red: 12 } },
  theme: { experiment: { ...colors, name: 'theme' }, values: { control: { ink: 'black' }, red: { ink: 'red' } } },
  list: { experiment: { ...colors, name: 'list' }, values: { control: [], red: [1] } },
  off: { experiment: { ...colors, name: 'off', enabled: false } },
};

let domains = 0;

/** A client of OpenFeature's own SDK, over experiments that write down what they track. */
const openClient = async (deps: Parameters<typeof recordExperiments>[0] = {}) => {
  const recorded = recordExperiments(deps);
  const domain = `test ${domains++}`;
  await OpenFeature.setProviderAndWait(domain, createProvider(recorded, flags));
  return { ...recorded, client: OpenFeature.getClient(domain) };
};

const visitor = { targetingKey: '7' };

describe('an evaluation', () => {
  test('gives a string flag the name of the variant, with the reason', async () => {
    const { client } = await openClient();

    expect(await client.getStringDetails('colors', 'none', visitor)).toMatchObject({
      value: 'red',
      variant: 'red',
      reason: 'SPLIT',
    });
  });

  test('gives a boolean flag whether it is not the control', async () => {
    const { client } = await openClient();

    expect(await client.getBooleanValue('colors', false, visitor)).toBe(true);
    expect(await client.getBooleanValue('colors', true, { ...visitor, internal: true })).toBe(false);
  });

  test('gives numbers and objects the values of the flag', async () => {
    const { client } = await openClient();

    expect(await client.getNumberValue('size', 0, visitor)).toBe(12);
    expect(await client.getObjectValue('theme', {}, visitor)).toEqual({ ink: 'red' });
    expect(await client.getObjectValue('list', [], visitor)).toEqual([1]);
  });

  test('counts the exposure, under the same unit as the experiment itself would', async () => {
    const { client, events, for: visit } = await openClient();
    await client.getStringValue('colors', 'none', { ...visitor, plan: 'pro' });

    expect(events).toMatchObject([
      {
        experiment: 'colors',
        variant: 'red',
        event: 'participate',
        unit: (await visit(colors, { userId: '7' }).assign()).unit,
      },
    ]);
  });

  test.each([
    ['TARGETING_MATCH', { ...visitor, beta: true }],
    ['DEFAULT', { ...visitor, internal: true }],
  ])('has the reason %s where a rule decided, and counts nothing', async (reason, context) => {
    const { client, events } = await openClient();

    expect(await client.getStringDetails('colors', 'none', context)).toMatchObject({ value: 'control', reason });
    expect(events).toEqual([]);
  });

  test('has the reason CACHED where a store remembers', async () => {
    const { client } = await openClient({ stickyStore: createMemoryStore() });
    await client.getStringValue('colors', 'none', visitor);

    expect(await client.getStringDetails('colors', 'none', visitor)).toMatchObject({ value: 'red', reason: 'CACHED' });
  });

  test('gives the default of the caller where the experiment is off', async () => {
    const { client } = await openClient();

    expect(await client.getStringDetails('off', 'none', visitor)).toMatchObject({ value: 'none', reason: 'DISABLED' });
  });

  test.each([
    ['FLAG_NOT_FOUND', 'unknown', visitor],
    ['FLAG_NOT_FOUND', 'toString', visitor],
    ['TYPE_MISMATCH', 'size', visitor],
    ['TYPE_MISMATCH', 'list', visitor],
    ['TARGETING_KEY_MISSING', 'colors', {}],
  ])('fails as OpenFeature wants it: %s for %s', async (errorCode, flag, context) => {
    const { client, events } = await openClient();

    expect(await client.getStringDetails(flag, 'none', context)).toMatchObject({
      value: 'none',
      reason: 'ERROR',
      errorCode,
    });
    expect(events).toEqual([]);
  });
});

describe('tracking', () => {
  test('counts a goal of the flags that have it, with its value', async () => {
    const { client, events, flush } = await openClient();
    client.track('bought', visitor, { value: 9.99 });
    await flush();

    const tracked = events.map(({ experiment, event, value }) => ({ experiment, event, value }));
    expect(tracked).toEqual(
      ['colors', 'size', 'theme', 'list'].map((experiment) => ({ experiment, event: 'bought', value: 9.99 })),
    );
  });

  test('counts nothing for flags that do not have the goal', async () => {
    const { client, events, flush } = await openClient();
    client.track('seen', visitor);
    await flush();

    expect(events.map(({ experiment }) => experiment)).toEqual(['size', 'theme', 'list']);
  });
});
