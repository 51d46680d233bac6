import { beforeEach, describe, expect, test } from '@jest/globals';
import { DEFAULT_LIMITS } from '../../../shared/contract/limits.ts';
import { createNameCache, createNameRegistry, type NameCache } from '../../../shared/counting/limits/name-registry.ts';
import type { Name } from '../../../shared/counting/limits/names.ts';
import { createMemoryNameLists } from '../../support/counting/memory-names.ts';

const names = (count: number, of: (i: number) => string): Name[] =>
  Array.from({ length: count }, (_, i) => ({ kind: 'experiments', of: of(i), name: `${i}` }));

/** Ten in each of as many namespaces as it takes. */
const many = names(60_000, (i) => `namespace ${Math.floor(i / 10)}`);
const [first, last] = [many.at(0), many.at(-1)] as [Name, Name];

let cache: NameCache;
let admit: (names: readonly Name[], how?: 'within limits' | 'beyond limits') => Promise<ReadonlySet<string>>;
let knows: (name: Name) => boolean;

beforeEach(() => {
  cache = createNameCache();
  const registry = createNameRegistry(createMemoryNameLists(), DEFAULT_LIMITS, () => 0, cache);
  admit = (wanted, how = 'within limits') => registry.admit(wanted, how);
  knows = registry.knows;
});

describe('what a process remembers of names', () => {
  test('is bounded: the oldest are forgotten first', async () => {
    expect(await admit(many)).toEqual(new Set());
    expect([cache.admitted.size, cache.lists.size]).toEqual([50_000, 2_000]);
    expect([knows(first), knows(last)]).toEqual([false, true]);
  });

  test('decides nothing: a forgotten name is still admitted', async () => {
    await admit(many);
    expect(await admit([first])).toEqual(new Set());
    expect(knows(first)).toBe(true);
  });

  test('is within what an item of DynamoDB holds, also where definitions go beyond the limits', async () => {
    const defined = names(10_001, () => 'one namespace');
    expect((await admit(defined, 'beyond limits')).size).toBe(1);
  });
});
