import { describe, expect, test } from '@jest/globals';
import { InvalidDefinitionError } from '../../../../sdk/src/errors.ts';
import { hmacNode } from '../../../../sdk/src/node/identify.ts';
import { signText } from '../../../../sdk/src/visitor/signed-text.ts';
import { identifyByCookie } from '../../../../sdk/src/visitor/visitor-cookie.ts';
import type { CookieSettings } from '../../../../sdk/src/visitor/visitor-cookie.ts';
import { refusesTracking } from '../../../../sdk/src/visitor/visitor-request.ts';
import type { VisitorRequest } from '../../../../sdk/src/visitor/visitor-request.ts';
import { createBrowser } from '../../../support/sdk/requests.ts';

const cookie: CookieSettings = { secret: 'a secret' };
const identify = (request: VisitorRequest, context: object, settings = cookie, name = 'colors') =>
  identifyByCookie(request, context, { hmac: hmacNode, cookie: settings, name, idKey: 'user_id' });

const anonymous = '9b2c7a54-1b1f-4c55-9d40-0a8f6f1f2c3d';
const other = '1d0f8f3e-7a52-4b7e-8c59-3d1f5b6a7c8e';

/** A cookie as version 0.1.0 set it: one for each experiment. */
const oldCookie = (value: string, name = 'colors', secret = 'a secret') => ({
  [encodeURIComponent(`${name}_id`).replace(/[()]/g, (one) => `%${one.charCodeAt(0).toString(16)}`)]:
    encodeURIComponent(signText(hmacNode, secret, `${name}_id`, value)),
});

/** What a browser has after a first visit. */
const visited = (settings = cookie) => {
  const browser = createBrowser();
  const { context } = identify(browser.request(), {}, settings);
  return { browser, id: (context as { user_id: string }).user_id };
};

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('a visitor', () => {
  test.each([
    ['no user id', { project_id: 3 }, ['project_id', 'user_id']],
    ['a user id of null', { user_id: null, project_id: 3 }, ['user_id', 'project_id']],
    ['an empty user id', { user_id: '' }, ['user_id']],
  ])('with %s and no cookie gets a cookie with a UUID', (_, context, names) => {
    const browser = createBrowser();
    const identified = identify(browser.request(), context);

    expect(Object.keys(identified.context)).toEqual(names);
    expect((identified.context as { user_id: string }).user_id).toMatch(uuid);
    expect(browser.received).toHaveLength(1);
    expect(identified).not.toHaveProperty('migratedWith');
  });

  test('with a cookie alone is recognised by it, in every experiment', () => {
    const { browser, id } = visited();

    for (const name of ['colors', 'sizes']) {
      expect(identify(browser.request(), { project_id: 3 }, cookie, name)).toEqual({
        context: { project_id: 3, user_id: id },
      });
    }
    expect(browser.received).toHaveLength(1);
  });

  test('with both has signed in: every experiment learns who they were, for a month', () => {
    const { browser, id } = visited();

    for (const name of ['colors', 'sizes', 'colors']) {
      expect(identify(browser.request(), { user_id: 5 }, cookie, name)).toEqual({
        context: { user_id: 5 },
        migratedWith: { user_id: id },
      });
    }
    expect(browser.received).toHaveLength(2);
    expect(browser.received[1]).toContain('Max-Age=2592000;');
  });

  test('who signs in where somebody else has is not that one', () => {
    const { browser } = visited();
    identify(browser.request(), { user_id: 5 });

    expect(identify(browser.request(), { user_id: 6 })).toEqual({ context: { user_id: 6 } });
    expect(browser.received[2]).toMatch(/^mem_id=; Max-Age=0;/);
    expect(identify(browser.request(), { user_id: 6 })).toEqual({ context: { user_id: 6 } });
  });

  test('who signs out is a new visitor', () => {
    const { browser, id } = visited();
    identify(browser.request(), { user_id: 5 });
    const { context } = identify(browser.request(), {});

    expect((context as { user_id: string }).user_id).not.toBe(id);
    expect(identify(browser.request(), {})).toEqual({ context });
  });

  test('with a user id alone gets nothing', () => {
    const browser = createBrowser();

    expect(identify(browser.request(), { user_id: 5 })).toEqual({ context: { user_id: 5 } });
    expect(browser.received).toEqual([]);
  });
});

describe("experiments' own cookies, of version 0.1.0", () => {
  test('are read, and become one', () => {
    const browser = createBrowser({ ...oldCookie(anonymous), ...oldCookie(other, 'a/b; (1)'), session_id: 'x.y' });
    const idIn = (name: string) =>
      (identify(browser.request(), {}, cookie, name).context as { user_id: string }).user_id;

    for (let page = 0; page < 2; page++) expect([idIn('colors'), idIn('a/b; (1)')]).toEqual([anonymous, other]);
    expect(browser.names()).toEqual(['mem_id', 'session_id']);
    // Experiments that begin later.
    expect(idIn('sizes')).toBe(idIn('shapes'));
  });

  test('stay what a visitor was who signs in', () => {
    const browser = createBrowser(oldCookie(anonymous));

    expect(identify(browser.request(), { user_id: 5 })).toEqual({
      context: { user_id: 5 },
      migratedWith: { user_id: anonymous },
    });
  });

  test('take at most 1.5 KB together, and the oldest leave', () => {
    const names = Array.from({ length: 80 }, (_, i) => `experiment ${i}`);
    const browser = createBrowser();
    const idOf = (i: number) => `${`${i}`.padStart(8, '0')}-1b1f-4c55-9d40-0a8f6f1f2c3d`;
    names.forEach((name, i) => {
      browser.keep(oldCookie(idOf(i), name));
      identify(browser.request(), {}, cookie, name);
      expect(browser.bytes()).toBeLessThanOrEqual(1_500);
    });

    const ids = names.map(
      (name) => (identify(browser.request(), {}, cookie, name).context as { user_id: string }).user_id,
    );
    expect(ids.slice(-40)).toEqual(names.map((_, i) => idOf(i)).slice(-40));
  });

  test('are none of fifty experiments of today', () => {
    const browser = createBrowser();
    for (let i = 0; i < 50; i++) identify(browser.request(), {}, cookie, `experiment ${i}`);

    expect(browser.names()).toEqual(['mem_id']);
    expect(browser.bytes()).toBeLessThanOrEqual(150);
  });
});

describe('the cookie', () => {
  const attributesOf = (settings: CookieSettings, headers = {}) => {
    const browser = createBrowser();
    identify(browser.request(headers), {}, settings);
    return browser.received[0]?.split('; ').slice(1);
  };

  test('is Secure and HttpOnly, and lasts 400 days', () => {
    expect(attributesOf(cookie)).toEqual(['Max-Age=34560000', 'Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']);
  });

  test('is Secure only where the page is, or as told', () => {
    expect(attributesOf(cookie, { 'x-forwarded-proto': 'http' })).not.toContain('Secure');
    expect(attributesOf(cookie, { 'x-forwarded-proto': 'https, http' })).toContain('Secure');
    expect(attributesOf({ ...cookie, secure: false })).not.toContain('Secure');
    expect(attributesOf({ ...cookie, secure: true }, { 'x-forwarded-proto': 'http' })).toContain('Secure');
  });

  test('is set for a domain if one is given, and deleted there', () => {
    const settings = { ...cookie, domain: 'example.com' };
    expect(attributesOf(settings)).toContain('Domain=example.com');

    const { browser } = visited(settings);
    for (const user_id of [5, 6]) identify(browser.request(), { user_id }, settings);
    expect(browser.received.map((line) => line.includes('Domain=example.com'))).toEqual([true, true, true]);
    expect(browser.received[2]).toContain('Max-Age=0');
  });

  test.each([
    ['of a visitor of their own making', { mem_id: anonymous }],
    ['with another value than was signed', { mem_id: visited().browser.value('mem_id').replace('1~', '1~A') }],
    ['of another purpose', { mem_id: signText(hmacNode, 'a secret', 'mem_force', '1~AAAAAAAAAAAAAAAAAAAAAA~~') }],
    ['signed with another secret', { mem_id: visited({ secret: 'another secret' }).browser.value('mem_id') }],
    ['of a later version', { mem_id: signText(hmacNode, 'a secret', 'mem_id', '2~AAAAAAAAAAAAAAAAAAAAAA~~') }],
    ['that is only a signature', { mem_id: '.0a1b' }],
    ['that is no percent-encoding', { mem_id: '%' }],
    ['of an experiment, signed with another secret', oldCookie(anonymous, 'colors', 'another secret')],
    ['of an experiment, in the place of another', { colors_id: oldCookie(anonymous, 'sizes').sizes_id ?? '' }],
  ])('%s is not believed', (_, kept) => {
    const browser = createBrowser(kept);
    const { context } = identify(browser.request(), {});

    expect((context as { user_id: string }).user_id).toMatch(uuid);
    expect((context as { user_id: string }).user_id).not.toBe(anonymous);
    expect(identify(createBrowser(kept).request(), { user_id: 5 })).not.toHaveProperty('migratedWith');
  });

  test('signed with an old secret is accepted while that is listed', () => {
    const { browser, id } = visited({ secret: 'old' });

    expect(identify(browser.request(), {}, { secret: ['new', 'old'] }).context).toEqual({ user_id: id });
  });

  test.each([[''], [[]], [['new', '']]])('needs a secret: %j is none', (secret) => {
    expect(() => identify(createBrowser().request(), {}, { secret })).toThrow(InvalidDefinitionError);
  });

  test('is the same for two looks within one request', () => {
    const browser = createBrowser();
    const request = browser.request();

    expect(identify(request, {})).toEqual(identify(request, {}));
    expect(browser.received).toHaveLength(1);
  });
});

describe('Do Not Track and Global Privacy Control', () => {
  const values = ['true', 't', 'yes', 'y', '1', 'on', 'ON', 'True'];

  test.each([...values.map((value) => ['dnt', value]), ...values.map((value) => ['sec-gpc', value])])(
    '%s: %s is one',
    (header = '', value = '') => {
      expect(refusesTracking(createBrowser().request({ [header]: value }))).toBe(true);
    },
  );

  test.each(['0', 'false', '', 'no', 'unspecified', '11', 'only'])('DNT: %s is none', (value) => {
    expect(refusesTracking(createBrowser().request({ dnt: value }))).toBe(false);
  });
});
