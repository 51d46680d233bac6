// What clients get wrong without meaning another event.
import { describe, expect, test } from '@jest/globals';
import { isUsableId } from '../../../sdk/src/key/usable-id.ts';
import { isUsableUnit } from '../../../shared/contract/unusable-unit.ts';
import { anEvent } from '../../support/counting/events.ts';
import { callHandler, type HttpAnswer } from '../../support/aws/gateway.ts';
import { environmentOf, loadIngest } from '../../support/aws/load-handler.ts';
import { useIngest } from '../../support/aws/use-ingest.ts';
import { readEvents } from '../../support/counting/read-stream.ts';

const ingest = useIngest();

const post = (events: unknown): Promise<HttpAnswer> =>
  callHandler(ingest.handler, { method: 'POST', path: '/events', headers: {}, body: JSON.stringify(events) });
const get = (query: string): Promise<HttpAnswer> =>
  callHandler(ingest.handler, { method: 'GET', path: '/track', query: `experiment=e&variant=v&event=bought&${query}` });

const stored = async (uuid: string) => (await readEvents(ingest.world)).find((event) => event.uuid === uuid);

describe('an event counts without', () => {
  test.each<[string, object, string[]]>([
    ['a value that is text', { value: '12,50' }, ['value']],
    ['a value that no number can be', { value: 2e12 }, ['value']],
    ['a value that is null', { value: null }, ['value']],
    ['a value that is a flag', { value: true }, ['value']],
    ['properties that are not ours', { url: 'https://shop.example/', time: 1 }, ['url', 'time']],
    ['segments that are none', { segments: 'ios' }, ['segments']],
    ['an empty segment', { segments: { referrer: '', platform: 'ios' } }, ['segments.referrer']],
    ['a segment that is null', { segments: { utm: null, platform: 'ios' } }, ['segments.utm']],
    ['a segment that is too long', { segments: { utm: 'x'.repeat(65), platform: 'ios' } }, ['segments.utm']],
    [
      'a segment that is a number',
      { segments: { age: 7, beta: true, platform: 'ios' } },
      ['segments.age', 'segments.beta'],
    ],
    ['a segment with a bad key', { segments: { 'a b': 'x', platform: 'ios' } }, ['segments']],
  ])('%s, and the answer names it', async (title, changes, properties) => {
    const given = { ...anEvent({ uuid: title }), ...changes };
    const { status, body } = await post([given]);

    expect([status, body]).toMatchObject([200, { accepted: 1 }]);
    const { leftOut } = body as { leftOut: { property: string; message: string; events: number }[] };
    expect(leftOut.map(({ property }) => property)).toEqual(properties);
    for (const { message, events } of leftOut) expect([message, events]).toEqual([expect.stringMatching(/got/), 1]);

    const usable =
      'segments' in changes && typeof changes.segments === 'object' ? { segments: { platform: 'ios' } } : {};
    expect(await stored(title)).toEqual({ ...anEvent({ uuid: title }), ...usable });
  });

  test.each(['', 'NaN', '12,50', 'undefined', '1e400', '-2e12'])('the value %j of a query', async (value) => {
    const uuid = `query ${value}`;
    const { status, body } = await get(`uuid=${uuid}&value=${value}`);

    expect([status, body]).toMatchObject([200, { accepted: 1, leftOut: [{ property: 'value', events: 1 }] }]);
    expect(await stored(uuid)).not.toHaveProperty('value');
  });

  test('a ninth segment', async () => {
    const segments = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`s${i}`, 'x']));
    const { body } = await post([anEvent({ uuid: 'nine', segments })]);

    expect(body).toMatchObject({ accepted: 1, leftOut: [{ property: 'segments' }] });
    expect(Object.keys((await stored('nine'))?.segments ?? {})).toHaveLength(8);
  });

  test('what many events have, which is named once', async () => {
    const { body } = await post([1, 2, 3].map((i) => ({ ...anEvent(), url: `/${i}`, value: 'x' })));

    expect(body).toMatchObject({
      accepted: 3,
      leftOut: [
        { property: 'url', events: 3 },
        { property: 'value', events: 3 },
      ],
    });
  });

  test('more than twenty kinds of things, of which twenty are named', async () => {
    const { body } = await post([
      { ...anEvent(), ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, i])) },
    ]);

    expect((body as { leftOut: unknown[] }).leftOut).toHaveLength(20);
  });
});

test('names that look alike are one: white space at the ends is cut, letters are composed; ids stay as they are', async () => {
  const [decomposed, composed] = ['cafe\u0301', 'caf\u00e9'];
  const given = { ...anEvent(), experiment: ` ${decomposed}\t`, variant: decomposed, event: `${decomposed}\u00a0` };
  await post([{ ...given, uuid: ` ${decomposed} `, unit: ` ${decomposed} `, segments: { city: ` ${decomposed} ` } }]);

  expect(await stored(` ${decomposed} `)).toMatchObject({
    experiment: composed,
    variant: composed,
    event: composed,
    unit: ` ${decomposed} `,
    segments: { city: composed },
  });
  expect((await post([{ ...given, variant: ' \t' }])).body).toMatchObject({ rejected: [{ code: 'wrong_length' }] });
});

describe('a unit that tells nobody apart', () => {
  const zeros = '00000000-0000-0000-0000-000000000000';
  const words = [
    ...['undefined', 'null', 'NaN', '[object Object]', 'None', 'nil', zeros, '0', 'true', 'false', 'anonymous'],
    ...['Anonymous', 'guest', 'NULL', ' undefined ', '"null"', '', ' ', 'user-undefined', '{{userId}}', 'n/a', 'id'],
  ];

  test.each([...words, null, 0, true, false])('is refused with a reason of its own: %j', async (unit) => {
    const { status, body } = await post([{ ...anEvent(), unit }]);

    expect([status, body]).toEqual([
      400,
      { accepted: 0, rejected: [{ index: 0, code: 'unusable_unit', message: expect.stringMatching(/^unit: .*got/) }] },
    ]);
  });

  test('in a query is refused with 200, so that the client does not send it again', async () => {
    const { status, body } = await get('uuid=u&unit=undefined');
    expect([status, body]).toMatchObject([200, { accepted: 0, rejected: [{ code: 'unusable_unit' }] }]);
  });

  test('is the same to the SDK', () => {
    const usable = ['42', 'ann', 'nils', 'a0', 'x', 'user-1', '0x0', 'undefined behavior club'];
    for (const text of [...words, ...usable]) expect([text, isUsableUnit(text)]).toEqual([text, isUsableId(text)]);
    for (const text of usable) expect(isUsableUnit(text)).toBe(true);
  });
});

describe('what a crawler sends', () => {
  const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';
  const HEADLESS = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0.0.0';
  const CHROME =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36';
  const sendAs = (userAgent: string, uuid: string, to = ingest.handler): Promise<HttpAnswer> =>
    callHandler(to, {
      method: 'POST',
      path: '/events',
      headers: { 'user-agent': userAgent },
      body: JSON.stringify(anEvent({ uuid })),
    });

  test.each([GOOGLEBOT, HEADLESS, 'Twitterbot/1.0', 'facebookexternalhit/1.1 (+http://www.facebook.com/)'])(
    'as %s is acknowledged, and not counted',
    async (userAgent) => {
      const { status, body } = await sendAs(userAgent, userAgent);

      expect([status, body]).toEqual([200, { accepted: 0, ofCrawlers: 1 }]);
      expect(await stored(userAgent)).toBeUndefined();
    },
  );

  test.each([
    CHROME,
    'curl/8.5.0',
    'python-requests/2.32',
    'node',
    'Go-http-client/2.0',
    'axios/1.7',
    'Ruby',
    'okhttp/4',
  ])('is not what comes as %s', async (userAgent) => {
    expect((await sendAs(userAgent, userAgent)).body).toEqual({ accepted: 1 });
  });

  test('counts where the setting says so', async () => {
    const open = await loadIngest({ ...environmentOf(ingest.world), COUNT_CRAWLERS: 'true' });
    const answer = await sendAs(GOOGLEBOT, 'counted', open);
    process.env.COUNT_CRAWLERS = '';

    expect(answer.body).toEqual({ accepted: 1 });
  });

  test('is refused as all others where it is no event', async () => {
    const { status } = await callHandler(ingest.handler, {
      method: 'POST',
      path: '/events',
      headers: { 'user-agent': GOOGLEBOT },
      body: '{}',
    });

    expect(status).toBe(400);
  });
});
