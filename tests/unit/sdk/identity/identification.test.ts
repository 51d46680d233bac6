import { describe, expect, test } from '@jest/globals';
import { InvalidDefinitionError } from '../../../../sdk/src/errors.ts';
import { defineExperiment } from '../../../../sdk/src/experiment/definition.ts';
import { createMemoryStore } from '../../../../sdk/src/experiment/assignment.ts';
import { createExperiments } from '../../../../sdk/src/node/create-experiments.ts';
import { signForcedLink } from '../../../../sdk/src/node/identify.ts';
import { identifyByRequest } from '../../../../sdk/src/node/identify.ts';
import type { IdentificationSettings } from '../../../../sdk/src/node/identify.ts';
import { percent } from '../../../../sdk/src/rollout.ts';
import { recordExperiments } from '../../../support/sdk/experiments.ts';
import { createBrowser } from '../../../support/sdk/requests.ts';

const colors = defineExperiment({
  name: 'colors',
  variants: { control: () => 'old', red: () => 'new' },
  rollout: percent({ control: 100, red: 0 }),
});
const cookie = { secret: 'a secret' };

const recordWith = (settings: IdentificationSettings) =>
  recordExperiments({ identify: identifyByRequest(settings), stickyStore: createMemoryStore() });

describe('a visitor with a cookie', () => {
  test('is the same visitor on the next page', async () => {
    const { for: visit } = recordWith({ cookie });
    const browser = createBrowser();
    const first = await visit(colors, {}, { request: browser.request() }).assign();
    const second = await visit(colors, {}, { request: browser.request() }).assign();

    expect(second).toEqual({ ...first, reason: 'cached' });
    const other = await visit({ ...colors, name: 'shapes' }, {}, { request: browser.request() }).assign();
    expect([other.unit, other.key === first.key]).toEqual([first.unit, false]);
  });

  test('gets it at once, before anything is awaited', () => {
    const browser = createBrowser();
    recordWith({ cookie }).for(colors, {}, { request: browser.request() });

    expect(browser.received).toHaveLength(1);
  });

  test('stays one unit when signing in, and on other devices afterwards', async () => {
    const { for: visit, events } = recordWith({ cookie });
    const browser = createBrowser();
    await visit(colors, {}, { request: browser.request() }).run();
    await visit(colors, { userId: 5 }, { request: browser.request() }).run();
    await visit(colors, { userId: 5 }, { request: createBrowser().request() }).track('bought');

    expect(events.map(({ event }) => event)).toEqual(['participate', 'bought']);
    expect(new Set(events.map(({ unit }) => unit)).size).toBe(1);
  });

  test('is known by another part of the context if told so', async () => {
    const { for: visit } = recordWith({ cookie: { ...cookie, idKey: 'account' } });
    const browser = createBrowser();
    await visit(colors, { account: 1 }, { request: browser.request() }).assign();
    expect(browser.received).toEqual([]);

    await visit(colors, { userId: 1 }, { request: browser.request() }).assign();
    expect(browser.received).toHaveLength(1);
  });

  test('needs a request and settings: without either there is none', () => {
    const browser = createBrowser();
    recordWith({}).for(colors, {}, { request: browser.request() });
    recordWith({ cookie }).for(colors, {});

    expect(browser.received).toEqual([]);
  });
});

describe('a visitor with Do Not Track or Global Privacy Control', () => {
  const refusing = (headers: Readonly<Record<string, string>> = { dnt: '1' }) => {
    const browser = createBrowser();
    return { browser, request: () => browser.request(headers) };
  };
  const evenly = { ...colors, rollout: percent({ control: 50, red: 50 }) };

  test.each([{ dnt: '1' }, { 'sec-gpc': '1' }])(
    'sees one variant on all pages, the control, and is not counted, signed in or not: %j',
    async (headers) => {
      const { for: visit, events, errors } = recordWith({ cookie });
      const { browser, request } = refusing(headers);
      for (const context of [{}, { userId: 5 }, { userId: 6 }, {}, {}]) {
        const visited = visit(evenly, context, { request: request() });
        expect(await visited.run()).toBe('old');
        expect(await visited.assign()).toMatchObject({ reason: 'excluded', detail: 'privacy' });
        await visited.track('bought');
      }

      expect([events, errors, browser.received]).toEqual([[], [], []]);
    },
  );

  test('is counted without anything by which they could be recognised, if so configured', async () => {
    const { for: visit, events } = recordWith({ cookie, doNotTrack: 'anonymous' });
    const { browser, request } = refusing();
    for (let page = 0; page < 2; page++) {
      const visited = visit(colors, {}, { request: request() });
      await visited.run();
      await visited.track('bought');
    }

    expect(browser.received).toEqual([]);
    expect(events.map(({ event }) => event)).toEqual(['participate', 'bought', 'participate', 'bought']);
    expect(events.map(({ unit }) => unit)).toEqual(Array(4).fill(undefined));
    expect(new Set(events.map(({ uuid }) => uuid)).size).toBe(4);
  });

  test('is then spread over the variants as the others are', async () => {
    const { for: visit } = recordWith({ cookie, doNotTrack: 'anonymous' });
    const { request } = refusing();
    const assign = () => visit(evenly, {}, { request: request() }).assign();
    const drawn = await Promise.all(Array.from({ length: 100 }, assign));

    expect(new Set(drawn.map(({ variant }) => variant)).size).toBe(2);
  });

  test('is then the user who they say they are', async () => {
    const { for: visit, events } = recordWith({ cookie, doNotTrack: 'anonymous' });
    const { request } = refusing();
    await visit(colors, { userId: 5 }, { request: request() }).run();

    expect(events[0]?.unit).toBe((await visit(colors, { userId: 5 }).assign()).unit);
  });

  test('is as all others where the signals are left aside', async () => {
    const { for: visit, events } = recordWith({ cookie, doNotTrack: 'ignore' });
    const { browser, request } = refusing();
    await visit(colors, {}, { request: request() }).run();

    expect([browser.received.length, events.length]).toEqual([1, 1]);
  });
});

describe('a visitor without consent', () => {
  test.each(['pending', 'refused'] as const)('sees the control, and nothing is stored or sent: %s', async (consent) => {
    const { for: visit, events } = recordWith({ cookie });
    const browser = createBrowser();
    const visited = visit(colors, {}, { request: browser.request(), consent });
    await visited.track('bought');

    expect(await visited.run()).toBe('old');
    expect(await visited.assign()).toMatchObject({ reason: 'excluded', detail: 'consent' });
    expect([events, browser.received]).toEqual([[], []]);
  });
});

describe('a signed link', () => {
  const forcedLinks = { secret: 'a secret' };
  const expiresAt = new Date(Date.now() + 3_600_000);
  const sign = (
    variant: string,
    { url = 'https://shop.example/page?x=1', experiment = 'colors', secret = 'a secret', until = expiresAt } = {},
  ) => signForcedLink(url, secret, { experiment, variant, expiresAt: until });

  const assignAt = (url: string, settings: IdentificationSettings = { forcedLinks }) => {
    const request = createBrowser().request({}, url);
    return recordWith(settings).for(colors, { userId: 7 }, { request }).assign();
  };

  test('forces a variant, and nothing is counted', async () => {
    expect(await assignAt(sign('red'))).toMatchObject({ variant: 'red', reason: 'forced', tracked: false });
  });

  test('keeps the address, and works as a path', () => {
    const { pathname, search, searchParams } = new URL(sign('red'));

    expect([pathname, searchParams.get('x')]).toEqual(['/page', '1']);
    return expect(assignAt(pathname + search)).resolves.toMatchObject({ variant: 'red' });
  });

  test('may force several experiments', async () => {
    const url = sign('red', { url: sign('blue', { experiment: 'a.b"c' }) });

    expect(await assignAt(url)).toMatchObject({ variant: 'red' });
  });

  test.each([
    ['signed with another secret', sign('red', { secret: 'other' })],
    ['that has expired', sign('red', { until: new Date(Date.now() - 1) })],
    ['of another experiment', sign('red', { experiment: 'sizes' })],
    ['for a variant that there is not', sign('green')],
    ['with another variant than was signed', sign('control').replace('control', 'red')],
    ['without a signature', 'https://shop.example/?mem_force=%5B%22colors%22%2C%22red%22%2C9999999999999%5D'],
  ])('%s forces nothing', async (_, url) => {
    expect(await assignAt(url)).toMatchObject({ variant: 'control', reason: 'split' });
  });

  test('forces nothing where no secret is configured', async () => {
    expect(await assignAt(sign('red'), {})).toMatchObject({ reason: 'split' });
  });
});

test.each([{ cookie: { secret: '' } }, { forcedLinks: { secret: [] } }])(
  'an empty secret is refused at once: %j',
  (settings) => {
    const create = () => createExperiments({ endpoint: 'http://127.0.0.1', onError: () => undefined, ...settings });

    expect(create).toThrow(InvalidDefinitionError);
  },
);
