import { describe, expect, test } from '@jest/globals';
import { createMemoryStore } from '../../../../sdk/src/experiment/assignment.ts';
import { defineExperiment } from '../../../../sdk/src/experiment/definition.ts';
import { canonicalJson } from '../../../../sdk/src/key/context-key.ts';
import { isUsableId } from '../../../../sdk/src/key/usable-id.ts';
import { percent } from '../../../../sdk/src/rollout.ts';
import { recordExperiments } from '../../../support/sdk/experiments.ts';

const colors = defineExperiment({
  name: 'colors',
  variants: { control: () => 'old', red: () => 'new' },
  rollout: percent({ control: 0, red: 100 }),
});
const zeros = '00000000-0000-0000-0000-000000000000';

/** As Mongo's: an object of a class with a text. */
class ObjectId {
  constructor(readonly hex: string) {}
  toString(): string {
    return this.hex;
  }
}

describe('a visitor without an id', () => {
  const ids = [
    ...[undefined, null, '', ' ', 0, -0, true, false, [], {}],
    ...['undefined', 'null', 'NaN', '[object Object]', 'None', 'nil', 'NULL', ' Undefined ', '"null"', '(null)'],
    ...[zeros, '0', '000', 'true', 'false', 'anonymous', 'Anonymous', 'guest', 'unknown', 'n/a', 'id', 'user_id'],
    ...['ffffffff-ffff-ffff-ffff-ffffffffffff', 'user-undefined', 'user:null', '{{userId}}', '${userId}', '%user_id%'],
    ...['[object Promise]', 'distinct_id', 'not_authenticated', 'Invalid Date', new ObjectId('undefined')],
  ];
  const names = ['userId', 'user_id', 'id', 'visitorId', 'accountID', 'uuid'];

  test.each(ids)('sees the control and is not counted, and onError hears of it: %p', async (id) => {
    const { for: visit, events, errors } = recordExperiments();
    for (const name of names) {
      const visited = visit(colors, { [name]: id });
      expect(await visited.run()).toBe('old');
      await visited.track('bought');
      expect(await visited.assign()).toMatchObject({ reason: 'error', tracked: false });
    }

    expect(events).toEqual([]);
    expect(errors.map(String)).toEqual(names.map(() => expect.stringMatching(/^InvalidContextError: Expected an id/)));
  });

  test.each([
    {},
    { plan: undefined },
    { visitor: 'undefined' },
    { beta: true },
    { tags: [] },
    { user: { name: null } },
  ])('is found in any context: %j', async (context) => {
    const { for: visit, events, errors } = recordExperiments();
    await visit(colors, context).run();

    expect([events.length, errors.length]).toEqual([0, 1]);
  });

  test('is found in what the variant hangs on', async () => {
    const { for: visit, events, errors } = recordExperiments();
    const shared = { ...colors, stickyTo: (c: { userId: number; projectId: string | undefined }) => c.projectId };
    for (const projectId of [undefined, 'undefined', '']) await visit(shared, { userId: 7, projectId }).run();

    expect([events.length, errors.length]).toEqual([0, 3]);
  });

  test('hands nobody else their variant: an old context without an id is left out, and told', async () => {
    const { for: visit, errors } = recordExperiments({ stickyStore: createMemoryStore() });
    await visit(colors, { userId: 5 }, { migratedWith: { userId: undefined } }).assign();

    expect(errors).toHaveLength(1);
    expect(await visit(colors, { userId: 6 }, { migratedWith: { userId: undefined } }).assign()).toMatchObject({
      reason: 'split',
    });
  });

  test('is none of these', async () => {
    const { for: visit, events, errors } = recordExperiments();
    const contexts = [
      ...[1, -1, 42n, '7', 'ann@example.com', 'nils', 'nullmeier', 'Noné', 'a0', 'x', '10', new ObjectId('65f0')],
      ...['undefined behavior club', '0x0', 'true-north', 'user-1', '4e1b8c60-0000-0000-0000-000000000000'],
    ].map((userId) => ({ userId }));
    for (const context of [...contexts, { userId: undefined, deviceId: 'a' }, { project: 3 }, { team: { id: 5 } }]) {
      await visit(colors, context).run();
    }

    expect(errors).toEqual([]);
    expect(new Set(events.map(({ unit }) => unit)).size).toBe(contexts.length + 3);
  });

  test('may hide behind a text of any length', () => {
    expect(isUsableId('x'.repeat(100_000))).toBe(true);
    expect(isUsableId(`${' '.repeat(50_000)}undefined${' '.repeat(50_000)}`)).toBe(false);
  });
});

describe('an id is the same visitor', () => {
  const unitOf = async (id: unknown, hashVersion: 1 | 2 = 2) => {
    const { for: visit } = recordExperiments();
    return (await visit({ ...colors, hashVersion, unitVersion: 1 }, { userId: id as string }).assign()).unit;
  };

  test.each([
    ['42', [42, 42n, new ObjectId('42'), { toString: () => '42' }]],
    ['1000000000000000000000', [1e21, 10n ** 21n]],
    ['0.1', [0.1]],
    ['-5', [-5, -5n]],
  ])('as %s from hashVersion 2 on, whichever type it came in', async (text, others) => {
    for (const other of others) expect(await unitOf(other)).toBe(await unitOf(text));
  });

  test('also where it stands in a list, and beside what is null', () => {
    expect(canonicalJson({ ids: [1, '2', 3n], plan: null }, 2)).toBe('{"ids":["1","2","3"]}');
  });

  test('only of the same type before, as running experiments have it; a BigInt or an ObjectId is its text', async () => {
    expect(await unitOf(42, 1)).not.toBe(await unitOf('42', 1));
    expect(await unitOf(42n, 1)).toBe(await unitOf('42', 1));
    expect(await unitOf(new ObjectId('65f0'), 1)).toBe(await unitOf('65f0', 1));
    expect(canonicalJson({ userId: 42, plan: null })).toBe('{"plan":null,"userId":42}');
  });

  test('as in all experiments of the namespace, unless the experiment or the site says otherwise', async () => {
    const visit = (name: string, options = {}, definition = {}) =>
      recordExperiments(options)
        .for({ ...colors, name, ...definition }, { userId: 42 })
        .assign();
    const one = await visit('one');
    expect((await visit('two')).unit).toBe(one.unit);
    expect((await visit('one', { namespace: 'elsewhere' })).unit).not.toBe(one.unit);
    expect((await visit('one', { keySecret: 'secret' })).unit).not.toBe(one.unit);
    for (const kept of [await visit('one', {}, { unitVersion: 1 }), await visit('one', { unlinkable: true })]) {
      expect([kept.unit, kept.variant]).toEqual([one.key, one.variant]);
    }
  });

  test.each([new Date(0), new Map(), /x/, new Error('x'), new Uint8Array(2), Symbol('x'), () => 'x', NaN, Infinity])(
    'but not what has no text of its own: %p',
    async (id) => {
      const { for: visit, events, errors } = recordExperiments();
      await visit({ ...colors, hashVersion: 2 }, { userId: id as unknown as string }).run();

      expect([events.length, errors.length]).toEqual([0, 1]);
    },
  );
});
