import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { createStorageOutbox } from '../../../sdk/src/tracker/storage-outbox.ts';
import type { KeyValueStorage } from '../../../sdk/src/tracker/storage-outbox.ts';
import type { Outbox } from '../../../sdk/src/tracker/outbox.ts';
import type { TrackedEvent, WaitingEvent } from '../../../sdk/src/tracker/outbox.ts';

type FakeStorage = KeyValueStorage & Record<string, unknown>;

/** As localStorage: items are own properties, methods are not. */
const createStorage = (): FakeStorage => {
  const methods = {
    getItem(this: Record<string, string>, key: string) {
      return this[key] ?? null;
    },
    setItem(this: Record<string, string>, key: string, value: string) {
      this[key] = value;
    },
    removeItem(this: Record<string, string>, key: string) {
      Reflect.deleteProperty(this, key);
    },
  };
  return Object.create(methods) as FakeStorage;
};

const eventOf = (uuid: string): string =>
  JSON.stringify({ namespace: 'shop', experiment: 'colors', variant: 'red', event: 'clicked', uuid });

const openTab = (storage: () => KeyValueStorage, now = () => 1_000, capacity = 100): Outbox =>
  createStorageOutbox({
    storage,
    prefix: 'mem/',
    capacity,
    now,
    mayStore: () => true,
    onRefused: () => undefined,
  });

const list = (outbox: Outbox): WaitingEvent[] => {
  outbox.refresh();
  return outbox.first(Infinity, () => true);
};
const uuidsIn = (outbox: Outbox): string[] => list(outbox).map(({ text }) => (JSON.parse(text) as TrackedEvent).uuid);
const removeAll = (outbox: Outbox): void => outbox.remove(list(outbox).map(({ id }) => id));

const refuse = (): never => {
  throw new Error('SecurityError');
};

describe('an outbox', () => {
  test('survives a reload', () => {
    const storage = createStorage();
    openTab(() => storage).add(eventOf('a'));

    expect(uuidsIn(openTab(() => storage))).toEqual(['a']);
  });

  test('leaves nothing in the storage once all is received', () => {
    const storage = createStorage();
    const tab = openTab(() => storage);
    tab.add(eventOf('a'));
    removeAll(tab);

    expect(Object.keys(storage)).toEqual([]);
    expect(uuidsIn(tab)).toEqual([]);
  });

  test('touches nothing that is not its own', () => {
    const storage = createStorage();
    storage.setItem('cart', '{"uuid":"x"}');
    const tab = openTab(() => storage);
    tab.add(eventOf('a'));
    removeAll(tab);

    expect(storage.getItem('cart')).toBe('{"uuid":"x"}');
  });

  test.each(['not JSON', 'null', '7', '{}', '"x"'])('ignores what is no event: %s', (rubbish) => {
    const storage = createStorage();
    storage.setItem('mem/000000000000001.x', rubbish);
    storage.setItem('mem/rubbish', rubbish);
    const tab = openTab(() => storage);
    tab.add(eventOf('a'));

    expect(uuidsIn(tab)).toEqual(['a']);
  });

  test.each([
    ['refused', refuse],
    ['full', () => ({ ...createStorage(), getItem: () => null, setItem: refuse, removeItem: () => undefined })],
  ])('works where storage is %s', (_, storage) => {
    const tab = openTab(storage);
    tab.add(eventOf('a'));
    tab.add(eventOf('b'));
    expect(uuidsIn(tab)).toEqual(['a', 'b']);

    removeAll(tab);
    expect(uuidsIn(tab)).toEqual([]);
  });

  test('forgets nothing of its own when the storage is cleared', () => {
    let storage = createStorage();
    const tab = openTab(() => storage);
    tab.add(eventOf('a'));
    storage = createStorage();

    expect(uuidsIn(tab)).toEqual(['a']);
  });

  test('takes no more than its capacity, counting what it found', () => {
    const storage = createStorage();
    const [first, second] = [
      openTab(
        () => storage,
        () => 1,
        2,
      ),
      openTab(
        () => storage,
        () => 1,
        2,
      ),
    ];

    expect([first.add(eventOf('a')), second.add(eventOf('b'))]).toEqual([true, true]);
    first.refresh();
    expect(first.add(eventOf('c'))).toBe(false);
    removeAll(first);
    removeAll(second);
    expect(first.add(eventOf('c'))).toBe(true);
  });
});

describe('before storing is allowed', () => {
  test('events wait in memory, and are stored or forgotten when it is decided', () => {
    const storage = createStorage();
    let isAllowed = false;
    const open = () =>
      createStorageOutbox({
        storage: () => storage,
        prefix: 'mem/',
        capacity: 100,
        now: () => 1,
        mayStore: () => isAllowed,
        onRefused: () => undefined,
      });
    const outbox = open();
    outbox.add(eventOf('a'));
    expect([Object.keys(storage), uuidsIn(outbox)]).toEqual([[], ['a']]);

    isAllowed = true;
    outbox.persist();
    expect(uuidsIn(open())).toEqual(['a']);

    outbox.clear();
    expect([Object.keys(storage), uuidsIn(outbox)]).toEqual([[], []]);
  });
});

describe('the order', () => {
  test('is that of adding, also when the clock goes back two hours between pages', () => {
    const storage = createStorage();
    const hour = 3_600_000;
    const before = openTab(
      () => storage,
      () => 10 * hour,
    );
    before.add(eventOf('exposure'));
    before.add(eventOf('first goal'));
    const after = openTab(
      () => storage,
      () => 8 * hour,
    );
    after.add(eventOf('second goal'));

    expect(uuidsIn(after)).toEqual(['exposure', 'first goal', 'second goal']);
  });
});

describe('two tabs', () => {
  test('never lose each other’s events, whatever they do in whatever order', () => {
    const action = fc.record({ tab: fc.nat(1), does: fc.constantFrom('add', 'send', 'reload') });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 30 }), (actions) => {
        const storage = createStorage();
        const open = () =>
          openTab(
            () => storage,
            () => 5,
          );
        const tabs = [open(), open()];
        const sent = new Set<string>();
        const added: string[] = [];

        const send = (outbox: Outbox): void => {
          uuidsIn(outbox).forEach((uuid) => sent.add(uuid));
          removeAll(outbox);
        };
        for (const { tab, does } of actions) {
          const outbox = tabs[tab] ?? open();
          if (does === 'add') outbox.add(eventOf(`${added.push(`${added.length}`) - 1}`));
          else if (does === 'send') send(outbox);
          else tabs[tab] = open();
        }
        tabs.forEach(send);

        expect([...sent].sort()).toEqual([...added].sort());
      }),
      { numRuns: 500, seed: 9 },
    );
  });
});
