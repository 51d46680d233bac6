import { describe, expect, test } from '@jest/globals';
import { InvalidDefinitionError } from '../../../sdk/src/errors.ts';
import { configurationOf, gitlabCompatible } from '../../../sdk/src/gem-style/experiment.ts';
import { Experiment } from '../../../sdk/src/gem-style/experiment.ts';
import { hmacNode } from '../../../sdk/src/node/identify.ts';
import { signText } from '../../../sdk/src/visitor/signed-text.ts';
import { identifyByCookie } from '../../../sdk/src/visitor/visitor-cookie.ts';
import type { CookieSettings } from '../../../sdk/src/visitor/visitor-cookie.ts';
import type { VisitorRequest } from '../../../sdk/src/visitor/visitor-request.ts';
import golden from '../../fixtures/gitlab-experiment.json';
import { createBrowser } from '../../support/sdk/requests.ts';

const cookie: CookieSettings = { secret: 'a secret' };
const identify = (request: VisitorRequest, context: object, settings = cookie, name = 'colors') =>
  identifyByCookie(request, context, { hmac: hmacNode, cookie: settings, name, idKey: 'user_id' });

const signedCookie = (value: string, name = 'colors', secret = 'a secret') => ({
  [`${name}_id`]: signText(hmacNode, secret, `${name}_id`, value),
});

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

  test('with a cookie alone is recognised by it', () => {
    const browser = createBrowser(signedCookie('cook-ie'));

    expect(identify(browser.request(), { project_id: 3 })).toEqual({ context: { project_id: 3, user_id: 'cook-ie' } });
    expect(browser.received).toEqual([]);
  });

  test('with both has signed in: the cookie migrates and is deleted', () => {
    const browser = createBrowser(signedCookie('cook-ie'));

    expect(identify(browser.request(), { user_id: 5 })).toEqual({
      context: { user_id: 5 },
      migratedWith: { user_id: 'cook-ie' },
    });
    expect(browser.received).toEqual(['colors_id=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax']);
  });

  test('with a user id alone gets nothing', () => {
    const browser = createBrowser();

    expect(identify(browser.request(), { user_id: 0 })).toEqual({ context: { user_id: 0 } });
    expect(browser.received).toEqual([]);
  });

  test('who signs in has the keys of gitlab-experiment 0.2.0', () => {
    class Compatible extends Experiment {
      static override readonly configuration = configurationOf({ ...gitlabCompatible, cookie });
    }
    const migration = golden.migrations.find(({ cookie: value }) => value !== undefined);
    const browser = createBrowser(signedCookie(migration?.cookie ?? '', 'gitlab_experiment_example'));
    const context = Object.fromEntries(migration?.context ?? []) as Record<string, number>;

    expect(new Compatible('example', { ...context, request: browser.request() }).context()).toMatchObject({
      key: migration?.key,
      migrationKeys: migration?.migrationKeys,
    });
  });
});

describe('the cookie', () => {
  const attributesOf = (settings: CookieSettings) => {
    const browser = createBrowser();
    identify(browser.request(), {}, settings);
    return browser.received[0]?.split('; ').slice(1);
  };

  test('is Secure and HttpOnly, and lasts 400 days', () => {
    expect(attributesOf(cookie)).toEqual(['Max-Age=34560000', 'Path=/', 'Secure', 'HttpOnly', 'SameSite=Lax']);
  });

  test('is set for a domain if one is given, and deleted there', () => {
    const settings = { ...cookie, domain: 'example.com' };
    expect(attributesOf(settings)).toContain('Domain=example.com');

    const browser = createBrowser(signedCookie('cook-ie'));
    identify(browser.request(), { user_id: 5 }, settings);
    expect(browser.received[0]).toContain('Domain=example.com');
  });

  test.each([
    ['of a visitor of their own making', { colors_id: 'cook-ie' }],
    [
      'with another value than was signed',
      { colors_id: signedCookie('cook-ie').colors_id?.replace('cook', 'book') ?? '' },
    ],
    ['of another experiment', { colors_id: signedCookie('cook-ie', 'sizes').sizes_id ?? '' }],
    ['signed with another secret', signedCookie('cook-ie', 'colors', 'another secret')],
    ['that is only a signature', { colors_id: '.0a1b' }],
    ['that is no percent-encoding', { colors_id: '%' }],
  ])('%s is not believed', (_, kept) => {
    const browser = createBrowser(kept);
    const { context } = identify(browser.request(), {});

    expect((context as { user_id: string }).user_id).toMatch(uuid);
    expect(browser.received).toHaveLength(1);
    expect(identify(createBrowser(kept).request(), { user_id: 5 })).not.toHaveProperty('migratedWith');
  });

  test('signed with an old secret is accepted while that is listed', () => {
    const browser = createBrowser(signedCookie('cook-ie', 'colors', 'old'));

    expect(identify(browser.request(), {}, { secret: ['new', 'old'] }).context).toEqual({ user_id: 'cook-ie' });
  });

  test.each([[''], [[]], [['new', '']]])('needs a secret: %j is none', (secret) => {
    expect(() => identify(createBrowser().request(), {}, { secret })).toThrow(InvalidDefinitionError);
  });

  test('works for names of any characters', () => {
    const browser = createBrowser();
    const name = 'a/b; ניסוי (1) = "x"';
    const first = identify(browser.request(), {}, cookie, name);

    expect(identify(browser.request(), {}, cookie, name)).toEqual(first);
    expect(browser.received[0]).toMatch(/^[\w%.!'*~-]+=[\w%.-]+; /);
  });

  test('is the same for two looks within one request', () => {
    const browser = createBrowser();
    const request = browser.request();

    expect(identify(request, {})).toEqual(identify(request, {}));
    expect(browser.received).toHaveLength(1);
  });
});

describe('the wish not to be tracked', () => {
  const wishes = ['true', 't', 'yes', 'y', '1', 'on', 'ON', 'True'];

  test.each([...wishes.map((wish) => ['dnt', wish]), ...wishes.map((wish) => ['sec-gpc', wish])])(
    '%s: %s leaves the cookie unread and unwritten',
    (header = '', value = '') => {
      const browser = createBrowser(signedCookie('cook-ie'));
      const request = browser.request({ [header]: value });

      expect(identify(request, { project_id: 3 })).toEqual({ context: { project_id: 3 } });
      expect(identify(request, { user_id: 5 })).toEqual({ context: { user_id: 5 } });
      expect(browser.received).toEqual([]);
    },
  );

  test.each(['0', 'false', '', 'no', 'unspecified', '11', 'only'])('DNT: %s is none', (value) => {
    const browser = createBrowser();
    identify(browser.request({ dnt: value }), {});

    expect(browser.received).toHaveLength(1);
  });
});
