import { describe, expect, test } from '@jest/globals';
import { configurationOf, gitlabCompatible } from '../../../../sdk/src/gem-style/experiment.ts';
import { Experiment } from '../../../../sdk/src/gem-style/experiment.ts';
import { resolveByRollout, sendToTracker } from '../../../../sdk/src/gem-style/tracking.ts';
import { legacyKey } from '../../../../sdk/src/key/legacy-key.ts';
import { percent } from '../../../../sdk/src/rollout.ts';
import type { TrackedEvent } from '../../../../sdk/src/tracker/outbox.ts';
import { createBrowser } from '../../../support/sdk/requests.ts';
import { recordGem, withBehaviors } from '../../../support/sdk/gem.ts';

describe('the default tracking', () => {
  test('logs name, action, arguments, key and group', () => {
    const lines: string[] = [];
    class Logged extends Experiment {
      static override readonly configuration = configurationOf({
        ...gitlabCompatible,
        logger: { info: (line) => void lines.push(line) },
      });
    }
    const one = withBehaviors(new Logged('button', 'candidate', { user_id: 1 }));
    one.run();
    one.track('clicked', { value: 1 });

    const key = 'ea1b60988e3a9b544d5dfb52387ef3bc';
    expect(lines).toEqual([
      `EXPERIMENT[gitlab_experiment_button] assignment: {"key":"${key}","group":"candidate"}`,
      `EXPERIMENT[gitlab_experiment_button] clicked: {"value":1,"key":"${key}","group":"candidate"}`,
    ]);
  });

  test('has migration keys only after a migration', () => {
    const one = new Experiment('button', { user_id: 1 });
    expect(one.signature).toEqual({ key: one.context().key, group: 'control' });

    one.context({ migrated_with: { user_id: 2 } });
    expect(Object.keys(one.signature)).toEqual(['key', 'migrationKeys', 'group']);
  });
});

describe('keys', () => {
  test('are legacy keys in the compatible configuration, which collide', () => {
    const { Recorded } = recordGem(gitlabCompatible);
    const keyOf = (context: Record<string, string>) => new Recorded('button', context).context().key;

    expect(keyOf({ a: 'x', b: 'y' })).toBe(keyOf({ a: 'b|x|y' }));
  });

  test('do not collide in the default configuration', () => {
    const keyOf = (context: Record<string, string>) => new Experiment('button', context).context().key;

    expect(keyOf({ a: 'x', b: 'y' })).not.toBe(keyOf({ a: 'b|x|y' }));
  });

  test('a legacy key refuses objects that have no text of their own', () => {
    expect(() => legacyKey({ user: { id: 1 } })).toThrow('Expected values');
    expect(legacyKey({ user: { toString: () => '1' } })).toBe(legacyKey({ user: 1 }));
  });
});

describe('migrations', () => {
  const { Recorded } = recordGem(gitlabCompatible);

  test('accumulate over calls: all from-keys first, then all with-keys of the final context', () => {
    const one = new Recorded('button', { user_id: 1, migrated_with: { version: 1 } });
    one.context({ migrated_from: { user_id: 8 } });
    one.context({ migrated_with: { version: 2 }, migrated_from: { user_id: 9 } });
    one.context({ version: 3 });

    expect(one.context().migrationKeys).toEqual([
      legacyKey({ user_id: 8 }),
      legacyKey({ user_id: 9 }),
      legacyKey({ user_id: 1, version: 1 }),
      legacyKey({ user_id: 1, version: 2 }),
    ]);
    expect(one.context().key).toBe(legacyKey({ user_id: 1, version: 3 }));
  });

  test('are absent if there are none', () => {
    expect(new Recorded('button', { user_id: 1 }).context()).not.toHaveProperty('migrationKeys');
  });
});

describe('the cookie', () => {
  const settings = { ...gitlabCompatible, cookie: { secret: 'a secret' } };
  const { Recorded } = recordGem(settings);

  test('stands in for the user id, in all experiments', () => {
    const browser = createBrowser();
    const first = new Recorded('button', { project_id: 3, request: browser.request() }).context();
    const second = new Recorded('button', { project_id: 3, request: browser.request() }).context();

    expect(Object.keys(first.value)).toEqual(['project_id', 'user_id']);
    expect(second).toEqual(first);
    expect(browser.received).toHaveLength(1);

    const other = new Recorded('other', { project_id: 3, request: browser.request() }).context();
    expect(other.value).toEqual(first.value);
  });

  test('beside a user id becomes a migration, with the key that the gem gives it', () => {
    const browser = createBrowser();
    const anonymous = new Recorded('button', { request: browser.request() }).context().value as { user_id: string };
    const signedIn = new Recorded('button', { user_id: 5, project_id: 3, request: browser.request() }).context();

    expect(signedIn.key).toBe('79f1249d09daf4eeec413588983b958e');
    expect(signedIn.migrationKeys).toEqual([legacyKey({ ...anonymous, project_id: 3 })]);
    expect(browser.received).toHaveLength(2);
    expect(browser.received[1]).toContain('Max-Age=2592000;');
  });

  test('is neither read nor written without a request', () => {
    expect(new Recorded('button', { project_id: 3 }).context().value).toEqual({ project_id: 3 });
  });

  test('is neither read nor written without a secret', () => {
    const browser = createBrowser();
    new (recordGem().Recorded)('button', { request: browser.request() });

    expect(browser.received).toEqual([]);
  });
});

describe('configuration', () => {
  test('belongs to a class, and a subclass has its own behaviors', () => {
    class Cancellation extends recordGem({ prefix: 'shop' }).Recorded {
      constructor(...given: ConstructorParameters<typeof Experiment>) {
        super(...given);
        this.use(() => 'toggle').try('button', () => 'confirm');
      }
    }

    expect(Cancellation.run('cancel', 'button', {}, (e) => e.run())).toBe('confirm');
    expect(new Cancellation('cancel').name).toBe('shop_cancel');
    expect(new Experiment('cancel').name).toBe('cancel');
  });

  test('takes a hash of its own', () => {
    const { Recorded } = recordGem({ contextHash: (context, name) => `${name} ${JSON.stringify(context)}` });

    expect(new Recorded('button', { user_id: 1 }).context().key).toBe('button {"user_id":1}');
  });
});

describe('a visitor whom nothing tells from others', () => {
  const { Recorded, errors } = recordGem({
    resolver: resolveByRollout(percent({ control: 0, candidate: 100 })),
    tracking: sendToTracker({ track: () => expect('nothing').toBe('tracked') }),
  });

  test.each([{}, { user_id: null }, { user_id: 'undefined' }, { user_id: 0 }])(
    'sees the control and is not counted, and onError hears of it: %j',
    async (context) => {
      errors.length = 0;
      expect(withBehaviors(new Recorded('button', context)).run()).toBe('control');
      await Promise.resolve();

      expect(errors).toMatchObject([{ name: 'InvalidContextError' }]);
    },
  );

  test.each([{ dnt: '1' }, { 'sec-gpc': '1' }])(
    'nor is one who asks for it by %j, of which nobody hears',
    (headers) => {
      errors.length = 0;
      const request = createBrowser().request(headers);

      expect(withBehaviors(new Recorded('button', { user_id: 5, request })).run()).toBe('control');
      expect(errors).toEqual([]);
    },
  );
});

describe('tracking into the backend', () => {
  test('makes assignments exposures with a lasting uuid, and all else goals', () => {
    const events: TrackedEvent[] = [];
    const tracking = sendToTracker({ track: (event) => void events.push(event) }, 'shop');
    const run = () => {
      const one = withBehaviors(new (recordGem({ tracking }).Recorded)('button', 'candidate', { user_id: 1 }));
      one.run();
      one.track('clicked', { value: 2 });
      return one.context().key;
    };
    const unit = run();
    run();

    const subject = { namespace: 'shop', experiment: 'button', variant: 'candidate', unit };
    expect(events).toMatchObject([
      { ...subject, event: 'participate' },
      { ...subject, event: 'clicked', value: 2 },
      { ...subject, event: 'participate' },
      { ...subject, event: 'clicked', value: 2 },
    ]);
    expect(events[0]?.uuid).toBe(events[2]?.uuid);
    expect(events[1]?.uuid).not.toBe(events[3]?.uuid);
  });
});
