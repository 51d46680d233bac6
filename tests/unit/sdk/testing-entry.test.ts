import { describe, expect, test } from '@jest/globals';
import { defineExperiment } from '../../../sdk/src/experiment/definition.ts';
import { matchers } from '../../../sdk/src/testing.ts';
import { stub } from '../../../sdk/src/testing.ts';

const colors = defineExperiment({
  name: 'colors',
  variants: { control: () => 'old', red: () => 'new' },
  exclude: [(c) => c.internal],
  segment: [{ when: (c) => c.beta, variant: 'red' }],
});

describe('a stub', () => {
  test('shows the variant that it is told, to everyone', async () => {
    const experiments = stub({ colors: 'red' });

    expect(await experiments.for(colors, { userId: 1, internal: true }).run()).toBe('new');
    expect(await experiments.for(colors, { userId: 2 }).assign()).toMatchObject({ variant: 'red', reason: 'forced' });
  });

  test('shows the control where it is told nothing', async () => {
    expect(await stub().for(colors, {}).run()).toBe('old');
  });

  test('remembers what was tracked, and sends nothing', async () => {
    const experiments = stub({ colors: 'red' });
    const visit = experiments.for(colors, { userId: 1 });
    await visit.run();
    await visit.track('bought', { value: 3 });

    expect(await experiments.flush()).toBe(0);
    expect(experiments.events).toMatchObject([
      { event: 'participate', variant: 'red' },
      { event: 'bought', variant: 'red', value: 3 },
    ]);
  });

  test('refuses a variant that there is not', () => {
    expect(() => stub({ colors: 'green' }).for(colors, {})).toThrow(
      'Expected one of control, red for colors, got green.',
    );
  });
});

describe('matchers', () => {
  test('toExclude asks the rules', () => {
    expect(matchers.toExclude(colors, { internal: true }).pass).toBe(true);
    expect(matchers.toExclude(colors, { internal: false }).pass).toBe(false);
  });

  test('toSegment asks for the variant of the first segment that fits', () => {
    expect(matchers.toSegment(colors, { beta: true }, 'red').pass).toBe(true);
    expect(matchers.toSegment(colors, { beta: true }, 'control').pass).toBe(false);
    expect(matchers.toSegment(colors, {}, 'red').pass).toBe(false);
  });

  test('toHaveTracked compares name and properties', async () => {
    const experiments = stub({ colors: 'red' });
    await experiments.for(colors, {}).track('bought', { value: 3, segments: { plan: 'pro' } });

    expect(matchers.toHaveTracked(experiments, 'bought').pass).toBe(true);
    expect(matchers.toHaveTracked(experiments, 'bought', { value: 3, segments: { plan: 'pro' } }).pass).toBe(true);
    expect(matchers.toHaveTracked(experiments, 'bought', { value: 4 }).pass).toBe(false);
    expect(matchers.toHaveTracked(experiments, 'sold').pass).toBe(false);
  });

  test('say what was expected and what came', () => {
    expect(matchers.toSegment(colors, { beta: true }, 'control').message()).toBe(
      'Expected colors to give control to {"beta":true}, got red.',
    );
    expect(matchers.toExclude(colors, { internal: true }).message()).toContain('Expected not colors to exclude');
  });

  test('work in expect', () => {
    expect.extend(matchers);

    expect(() => (expect(colors) as unknown as { toExclude: (context: object) => void }).toExclude({})).toThrow(
      'Expected colors to exclude {}, got no rule for it.',
    );
  });
});
