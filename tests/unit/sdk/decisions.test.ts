import { describe, expect, test } from '@jest/globals';
import { InvalidDefinitionError } from '../../../sdk/src/errors.ts';
import { defineExperiment } from '../../../sdk/src/experiment/definition.ts';
import { createMemoryStore } from '../../../sdk/src/experiment/assignment.ts';
import { percent } from '../../../sdk/src/rollout.ts';
import { random } from '../../../sdk/src/rollout.ts';
import { roundRobin } from '../../../sdk/src/rollout.ts';
import { recordExperiments } from '../../support/sdk/experiments.ts';

const variants = { control: () => 'old', red: () => 'new' };
const colors = defineExperiment({ name: 'colors', variants });
const alwaysRed = percent({ control: 0, red: 100 });
const visitors = Array.from({ length: 200 }, (_, i) => ({ userId: i + 1 }));

describe('a visitor', () => {
  test('has the same variant and key each time', async () => {
    const assign = () => recordExperiments().for(colors, { userId: 7 }).assign();

    expect(await assign()).toEqual(await assign());
    expect(await assign()).toMatchObject({ reason: 'split', tracked: true });
  });

  test('keeps the variant when others come', async () => {
    const { for: visit } = recordExperiments();
    const before = await Promise.all(visitors.map((visitor) => visit(colors, visitor).assign()));
    for (let userId = 1_000; userId < 1_200; userId++) await visit(colors, { userId }).run();

    expect(await Promise.all(visitors.map((visitor) => visit(colors, visitor).assign()))).toEqual(before);
  });

  test('is found in every variant equally often where no rollout is given', async () => {
    const { for: visit } = recordExperiments();
    const drawn = await Promise.all(visitors.map((visitor) => visit(colors, visitor).assign()));
    const reds = drawn.filter(({ variant }) => variant === 'red').length;

    expect(Math.abs(reds - 100)).toBeLessThan(4 * Math.sqrt(200 / 4));
  });

  test('has another key in another experiment', async () => {
    const { for: visit } = recordExperiments();
    const other = defineExperiment({ name: 'sizes', variants });

    expect((await visit(colors, { userId: 7 }).assign()).key).not.toBe(
      (await visit(other, { userId: 7 }).assign()).key,
    );
  });

  test('has another key under another secret', async () => {
    const assign = (keySecret: string) => recordExperiments({ keySecret }).for(colors, { userId: 7 }).assign();

    expect((await assign('one')).key).not.toBe((await assign('other')).key);
  });
});

describe('the reasons', () => {
  test('disabled: everybody sees the control and nobody is counted', async () => {
    const { for: visit, events } = recordExperiments();
    const visited = visit({ ...colors, enabled: false, rollout: alwaysRed }, { userId: 7 });

    expect(await visited.run()).toBe('old');
    expect(await visited.assign()).toMatchObject({ variant: 'control', reason: 'disabled', tracked: false });
    await visited.track('clicked');
    expect(events).toEqual([]);
  });

  test('disabled: with a single variant there is nothing to count', async () => {
    const single = defineExperiment({ name: 'single', variants: { control: () => 'old' } });
    const { for: visit, events } = recordExperiments();

    expect(await visit(single, {}).run()).toBe('old');
    expect(events).toEqual([]);
  });

  test('forced: before exclusion, and not counted', async () => {
    const { for: visit, events } = recordExperiments({ identify: (_, __, context) => ({ context, forced: 'red' }) });
    const visited = visit({ ...colors, exclude: [() => true] }, { userId: 7 });

    expect(await visited.run()).toBe('new');
    expect(await visited.assign()).toMatchObject({ reason: 'forced', tracked: false });
    expect(events).toEqual([]);
  });

  test('forced: an unknown variant forces nothing', async () => {
    const { for: visit } = recordExperiments({ identify: (_, __, context) => ({ context, forced: 'blue' }) });

    expect(await visit(colors, { userId: 7 }).assign()).toMatchObject({ reason: 'split' });
  });

  test('excluded: the control, not counted, and the trace says which rule', async () => {
    const inside = defineExperiment({
      name: 'inside',
      variants,
      rollout: alwaysRed,
      exclude: [(c) => c.bot, (c) => c.internal],
    });
    const { for: visit, events } = recordExperiments();
    const visited = visit(inside, { userId: 7, internal: true });

    expect(await visited.run()).toBe('old');
    expect(await visited.assign()).toMatchObject({ reason: 'excluded', detail: 'rule 1', tracked: false });
    expect(events).toEqual([]);
    expect(await visit(inside, { userId: 7 }).assign()).toMatchObject({ reason: 'split' });
  });

  test('excluded: outside the coverage', async () => {
    const { for: visit } = recordExperiments();
    const assigned = await visit({ ...colors, coverage: 0 }, { userId: 7 }).assign();

    expect(assigned).toMatchObject({ variant: 'control', reason: 'excluded', detail: 'coverage', tracked: false });
  });

  test('targeting: the first segment that fits, counted only if it says so', async () => {
    const segmented = defineExperiment({
      name: 'segmented',
      variants,
      rollout: percent({ control: 100, red: 0 }),
      segment: [
        { when: (c) => c.beta, variant: 'red' },
        { when: (c) => c.friend, variant: 'red', tracked: true },
      ],
    });
    const { for: visit, events } = recordExperiments();

    expect(await visit(segmented, { userId: 1, beta: true, friend: true }).run()).toBe('new');
    expect(events).toEqual([]);
    expect(await visit(segmented, { userId: 2, friend: true }).run()).toBe('new');
    expect(events).toHaveLength(1);
    expect(await visit(segmented, { userId: 3, beta: true }).assign()).toMatchObject({ reason: 'targeting' });
    expect(await visit(segmented, { userId: 3 }).assign()).toMatchObject({ reason: 'split', variant: 'control' });
  });

  test('error: the control, not counted, and the error is reported', async () => {
    const cause = new Error('a rule that fails');
    const { for: visit, events, errors } = recordExperiments();
    const failing = defineExperiment({
      name: 'failing',
      variants,
      rollout: alwaysRed,
      exclude: [
        () => {
          throw cause;
        },
      ],
    });
    const visited = visit(failing, { userId: 7 });

    expect(await visited.run()).toBe('old');
    expect(await visited.assign()).toMatchObject({
      reason: 'error',
      detail: 'Error: a rule that fails',
      tracked: false,
    });
    expect(events).toEqual([]);
    expect(errors).toEqual([cause]);
  });

  test('cached: what the store remembers, though the weights have changed', async () => {
    const stickyStore = createMemoryStore();
    const { for: visit } = recordExperiments({ stickyStore });
    await visit({ ...colors, rollout: alwaysRed }, { userId: 7 }).assign();

    const assigned = await visit({ ...colors, rollout: percent({ control: 100, red: 0 }) }, { userId: 7 }).assign();
    expect(assigned).toMatchObject({ variant: 'red', reason: 'cached', tracked: true });
  });
});

describe('rules', () => {
  test('see attributes, which no key is made of', async () => {
    const inside = { ...colors, exclude: [(c: { userId: number; internal?: boolean }) => c.internal] };
    const { for: visit } = recordExperiments();
    const assign = (internal: boolean) => visit(inside, { userId: 7 }, { attributes: { internal } }).assign();

    expect(await assign(true)).toMatchObject({ reason: 'excluded' });
    expect((await assign(true)).key).toBe((await assign(false)).key);
  });
});

describe('rollouts', () => {
  test('random gives each draw its part, and coverage holds', async () => {
    const draws = [0.1, 0.9];
    const rollout = random(() => draws.shift() ?? 0);
    const { for: visit } = recordExperiments();
    const assign = (coverage: number) => visit({ ...colors, rollout, coverage }, { userId: 7 }).assign();

    expect(await assign(1)).toMatchObject({ variant: 'control', reason: 'split' });
    expect(await assign(1)).toMatchObject({ variant: 'red', reason: 'split' });
    expect(await assign(0)).toMatchObject({ variant: 'control', reason: 'excluded', detail: 'coverage' });
  });

  test('round robin deals out the variants in turn', async () => {
    const { for: visit } = recordExperiments();
    const dealt = { ...colors, rollout: roundRobin() };
    const drawn = [];
    for (const visitor of visitors.slice(0, 6)) drawn.push((await visit(dealt, visitor).assign()).variant);

    expect(drawn).toEqual(['control', 'red', 'control', 'red', 'control', 'red']);
  });

  test('round robin counts with a counter that processes share', async () => {
    let draws = 5;
    const { for: visit } = recordExperiments();
    const dealt = { ...colors, rollout: roundRobin(() => Promise.resolve(draws++)) };

    expect((await visit(dealt, { userId: 1 }).assign()).variant).toBe('red');
    expect((await visit(dealt, { userId: 2 }).assign()).variant).toBe('control');
  });

  test.each([[{ control: 50, red: 40 }], [{ control: 110, red: -10 }], [{ control: NaN, red: 50 }]])(
    'percent refuses weights that are not a hundred: %j',
    (weights) => {
      expect(() => percent(weights)).toThrow(InvalidDefinitionError);
    },
  );
});

describe('stickyTo', () => {
  const shared = defineExperiment({ name: 'shared', variants, stickyTo: (c) => c.projectId });

  test('gives everyone of a project the same variant, and each visitor a unit of their own', async () => {
    const { for: visit } = recordExperiments();
    const drawn = await Promise.all(visitors.map(({ userId }) => visit(shared, { userId, projectId: 1 }).assign()));

    expect(new Set(drawn.map(({ variant }) => variant)).size).toBe(1);
    expect(new Set(drawn.map(({ unit }) => unit)).size).toBe(visitors.length);
  });

  test('draws projects apart', async () => {
    const { for: visit } = recordExperiments();
    const drawn = await Promise.all(visitors.map(({ userId }) => visit(shared, { projectId: userId }).assign()));

    expect(new Set(drawn.map(({ variant }) => variant)).size).toBe(2);
  });

  test('is what the store remembers by', async () => {
    const { for: visit } = recordExperiments({ stickyStore: createMemoryStore() });
    const red = await visit({ ...shared, rollout: alwaysRed }, { userId: 1, projectId: 1 }).assign();
    const other = await visit(shared, { userId: 2, projectId: 1 }).assign();

    expect(other).toMatchObject({ variant: red.variant, reason: 'cached' });
    expect(other.unit).not.toBe(red.unit);
  });
});

describe('experiments that exclude each other', () => {
  const first = defineExperiment({ name: 'first', variants, exclusive: { group: 'checkout', range: [0, 0.3] } });
  const second = defineExperiment({ name: 'second', variants, exclusive: { group: 'checkout', range: [0.3, 1] } });

  test('never share a visitor, and together have all of them', async () => {
    const { for: visit } = recordExperiments();
    let inFirst = 0;
    for (let userId = 1; userId <= 2_000; userId++) {
      const one = await visit(first, { userId }).assign();
      const other = await visit(second, { userId }).assign();
      expect([one.reason, other.reason].sort()).toEqual(['excluded', 'split']);
      if (one.tracked) inFirst++;
    }
    expect(Math.abs(inFirst - 600)).toBeLessThan(4 * Math.sqrt(2_000 * 0.3 * 0.7));
  });

  test('may agree on who a visitor is by what the variant hangs on', async () => {
    const { for: visit } = recordExperiments();
    const stickyTo = (c: { projectId: number; page?: string }) => c.projectId;
    for (let projectId = 1; projectId <= 100; projectId++) {
      const one = await visit({ ...first, stickyTo }, { projectId }).assign();
      const other = await visit({ ...second, stickyTo }, { projectId, page: 'other' }).assign();
      expect([one.reason, other.reason].sort()).toEqual(['excluded', 'split']);
    }
  });

  test('say that it was their group that left a visitor out', async () => {
    const { for: visit } = recordExperiments();
    const nobody = { ...first, exclusive: { group: 'checkout', range: [0, 0.00001] } as const };

    expect(await visit(nobody, { userId: 4 }).assign()).toMatchObject({ reason: 'excluded', detail: 'group' });
  });
});

describe('the sticky store', () => {
  test('brings a variant and its unit along when a context migrates', async () => {
    const { for: visit } = recordExperiments({ stickyStore: createMemoryStore() });
    for (const { userId } of visitors.slice(0, 20)) {
      const before = await visit(colors, { userId, version: 1 }).assign();
      const after = await visit(colors, { userId, version: 2 }, { migratedWith: { version: 1 } }).assign();
      expect(after).toMatchObject({ variant: before.variant, unit: before.unit, reason: 'cached' });
      expect(after.key).not.toBe(before.key);

      // Once brought along, the old context is needed no more.
      expect(await visit(colors, { userId, version: 2 }).assign()).toEqual(after);
    }
  });

  test('looks under whole old contexts first, then under old parts', async () => {
    const stickyStore = createMemoryStore();
    const { for: visit } = recordExperiments({ stickyStore });
    await visit({ ...colors, rollout: alwaysRed }, { visitor: 'a' }).assign();
    await visit({ ...colors, rollout: percent({ control: 100, red: 0 }) }, { userId: 7, version: 1 }).assign();

    const options = { migratedWith: { version: 1 }, migratedFrom: [{ visitor: 'unknown' }, { visitor: 'a' }] };
    expect(await visit(colors, { userId: 7, version: 2 }, options).assign()).toMatchObject({ variant: 'red' });
  });

  test('is written once for a visitor, and never for one who will not be recognised', async () => {
    const written: string[] = [];
    const memory = createMemoryStore();
    const stickyStore = {
      get: (id: string) => memory.get(id),
      set: (id: string, value: string) => {
        written.push(id);
        memory.set(id, value);
      },
    };
    const { for: visit } = recordExperiments({ stickyStore });
    const { key } = await visit(colors, { userId: 7 }).assign();
    await visit(colors, { userId: 7 }).assign();
    expect(written).toEqual([`colors/${key}`]);

    const fleeting = recordExperiments({ stickyStore, identify: (_, __, context) => ({ context, isFleeting: true }) });
    await fleeting.for(colors, { userId: 8 }).assign();
    expect(written).toHaveLength(1);
  });

  test('is not believed where it names a variant that is gone', async () => {
    const stickyStore = createMemoryStore();
    const { for: visit } = recordExperiments({ stickyStore });
    const { key } = await visit(colors, { userId: 7 }).assign();
    stickyStore.set(`colors/${key}`, '{"variant":"toString"}');

    expect(await visit(colors, { userId: 7 }).assign()).toMatchObject({ reason: 'split' });
  });

  test.each(['not JSON', 'null', '7', '"red"'])('may hold rubbish: %s', async (rubbish) => {
    const stickyStore = createMemoryStore();
    const { for: visit, errors } = recordExperiments({ stickyStore });
    const { key } = await visit(colors, { userId: 7 }).assign();
    stickyStore.set(`colors/${key}`, rubbish);

    expect(await visit(colors, { userId: 7 }).assign()).toMatchObject({ reason: 'split' });
    expect(errors).toEqual([]);
  });

  test('that cannot be read shows the control and counts nobody', async () => {
    const failure = new Error('no store');
    const stickyStore = { get: () => Promise.reject(failure), set: () => undefined };
    const { for: visit, errors } = recordExperiments({ stickyStore });

    expect(await visit({ ...colors, rollout: alwaysRed }, { userId: 7 }).assign()).toMatchObject({
      variant: 'control',
      reason: 'error',
    });
    expect(errors).toEqual([failure]);
  });

  test('that cannot be written is reported, and the draw stands', async () => {
    const failure = new Error('no store');
    const stickyStore = { get: () => undefined, set: () => Promise.reject(failure) };
    const { for: visit, errors } = recordExperiments({ stickyStore });

    expect(await visit({ ...colors, rollout: alwaysRed }, { userId: 7 }).assign()).toMatchObject({
      variant: 'red',
      reason: 'split',
    });
    expect(errors).toEqual([failure]);
  });
});

describe('a definition', () => {
  test.each([
    ['an empty name', { name: '', variants }],
    ['no variants', { name: 'x', variants: {} }],
    ['a coverage above 1', { name: 'x', variants, coverage: 20 }],
    ['a coverage that is no number', { name: 'x', variants, coverage: NaN }],
    [
      'a range that ends before it begins',
      { name: 'x', variants, exclusive: { group: 'g', range: [0.5, 0.5] as const } },
    ],
    ['a range beyond 1', { name: 'x', variants, exclusive: { group: 'g', range: [0.5, 1.5] as const } }],
  ])('is refused with %s', (_, definition) => {
    expect(() => defineExperiment<Record<string, () => string>>(definition)).toThrow(InvalidDefinitionError);
  });

  test('without a variant named control shows the first to whoever takes no part', async () => {
    const nameless = defineExperiment({ name: 'nameless', variants: { blue: () => 1, red: () => 2 }, enabled: false });

    expect(await recordExperiments().for(nameless, {}).run()).toBe(1);
  });
});
