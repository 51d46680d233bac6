import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createNameLists } from '../../../shared/stores/dynamodb/name-lists.ts';
import type { NameLists } from '../../../shared/counting/ports.ts';
import { createNameRegistry, releaseNames } from '../../../shared/counting/limits/name-registry.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/contract/limits.ts';
import { listOf, namesOf, type Name } from '../../../shared/counting/limits/names.ts';
import { anEvent, NOON } from '../../support/counting/events.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let now = NOON;
let namespaces = 0;
let namespace = '';
/** What was asked of the table: `read` with so many lists, `write`. */
let requests: string[] = [];

beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());
beforeEach(() => {
  namespace = `namespace ${(namespaces += 1)}`;
  requests = [];
});

function watchedLists(): NameLists {
  const lists = createNameLists(world.dynamodb, world.stateTable);
  return {
    ...lists,
    read: (keys) => {
      requests.push(`read ${keys.length}`);
      return lists.read(keys);
    },
    write: (key, members, version) => {
      requests.push('write');
      return lists.write(key, members, version);
    },
  };
}

const aRegistry = (limits: Partial<Limits> = {}) =>
  createNameRegistry(watchedLists(), { ...DEFAULT_LIMITS, ...limits }, () => now);
const experiments = (count: number, prefix = 'e'): Name[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'experiments', of: namespace, name: `${prefix}${i}@0` }));

describe('places for names', () => {
  test('many processes at once never give more than there are', async () => {
    const most = 50;
    const each = await Promise.all(
      Array.from({ length: 8 }, async (_, process) => {
        const names = experiments(20, `${process}-`);
        return names.length - (await aRegistry({ experiments: most }).admit(names, 'within limits')).size;
      }),
    );
    expect(each.reduce((sum, admitted) => sum + admitted, 0)).toBe(most);
    const list = listOf({ kind: 'experiments', of: namespace, name: '' });
    expect((await watchedLists().read([list])).get(list)?.members.size).toBe(most);
  });

  test('many new names cost one read and one write for each list, and known ones nothing', async () => {
    const registry = aRegistry();
    const names = namesOf(anEvent({ namespace, segments: { a: '1', b: '2' } }), 0).flat();
    expect(await registry.admit([...names, ...experiments(300)], 'within limits')).toEqual(new Set());
    expect(requests.sort()).toEqual(['read 3', 'write', 'write', 'write']);
    requests = [];
    await registry.admit([...names, ...experiments(300)], 'within limits');
    expect(requests).toEqual([]);
    await aRegistry().admit(experiments(300), 'within limits');
    expect(requests).toEqual(['read 1']);
  });

  test('a full list is not read again for half a minute, and then a place that was given back is found', async () => {
    const registry = aRegistry({ experiments: 2 });
    await registry.admit(experiments(2), 'within limits');
    await releaseNames({ namespace, experiment: 'e1', incarnation: 1 }, watchedLists());
    requests = [];
    for (const i of [1, 2, 3]) {
      expect((await registry.admit(experiments(1, `other ${i}`), 'within limits')).size).toBe(1);
    }
    expect(requests).toEqual([]);
    now += 30_001;
    expect(await registry.admit(experiments(1, 'another'), 'within limits')).toEqual(new Set());
  });

  test('the last experiment of a namespace gives back the place of the namespace, too', async () => {
    const nothing = (name: string) => ({ kind: 'namespaces', of: '', name }) satisfies Name;
    const lists = watchedLists();
    await aRegistry().admit([nothing(namespace), ...experiments(2)], 'within limits');
    const size = async () => (await lists.read(['namespaces'])).get('namespaces')?.members.size ?? 0;
    const before = await size();
    await releaseNames({ namespace, experiment: 'e0', incarnation: 1 }, lists);
    expect(await size()).toBe(before);
    await releaseNames({ namespace, experiment: 'e1', incarnation: 3 }, lists);
    await releaseNames({ namespace, experiment: 'never seen', incarnation: 1 }, lists);
    expect(await size()).toBe(before - 1);
  });

  test('each kind has places of its own, and an experiment of another incarnation is another', async () => {
    const registry = aRegistry({ variants: 1, goals: 1, segments: 1 });
    const first = namesOf(anEvent({ namespace, event: 'red', segments: { a: 'red' } }), 0).flat();
    const second = namesOf(anEvent({ namespace, variant: 'blue' }), 0).flat();
    expect(await registry.admit(first, 'within limits')).toEqual(new Set());
    expect((await registry.admit(second, 'within limits')).size).toBe(1);
    expect(await registry.admit(second, 'beyond limits')).toEqual(new Set());
    expect(await registry.admit(namesOf(anEvent({ namespace, variant: 'green' }), 1).flat(), 'within limits')).toEqual(
      new Set(),
    );
  });

  test('where the table cannot be written, nothing is admitted', async () => {
    const lists = createNameLists(world.dynamodb, world.stateTable);
    const broken = { ...lists, write: () => Promise.reject(new Error('throttled')) };
    const registry = createNameRegistry(broken, DEFAULT_LIMITS, () => now);
    const [name] = experiments(1);
    if (!name) throw new Error('expected a name');
    await expect(registry.admit([name], 'within limits')).rejects.toThrow('throttled');
    expect(registry.knows(name)).toBe(false);
  });

  test('where others keep changing a list, the batch fails after some tries', async () => {
    const lists = { ...createNameLists(world.dynamodb, world.stateTable), write: () => Promise.resolve(false) };
    const registry = createNameRegistry(lists, DEFAULT_LIMITS, () => now);
    await expect(registry.admit(experiments(1), 'within limits')).rejects.toThrow('others keep changing them');
  });
});
