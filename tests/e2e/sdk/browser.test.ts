import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import fixture from '../../fixtures/gitlab-experiment.json';
import { renderBootstrap } from '../../../sdk/src/node/render-bootstrap.ts';
import { openFaultyDoor } from '../../support/sdk-faulty-door.ts';
import type { FaultyDoor } from '../../support/sdk-faulty-door.ts';
import { startRecordingIngest } from '../../support/recording-ingest.ts';
import type { RecordingIngest } from '../../support/recording-ingest.ts';
import { bundleForBrowser, launchChromium, serveSite } from '../../support/sdk-browser.ts';
import type { Site } from '../../support/sdk-browser.ts';
import { computeVectors } from '../../support/sdk-vectors.ts';
import type { Golden } from '../../support/sdk-vectors.ts';
import { until } from '../../support/sdk-until.ts';

const golden = fixture as unknown as Golden;
const subject = { namespace: 'shop', experiment: 'colors', variant: 'red' };
const twoHoursMs = 2 * 3_600_000;

let browser: Browser;
let site: Site;
let backend: RecordingIngest;
let door: FaultyDoor;
let context: BrowserContext;

beforeAll(async () => {
  [browser, site] = await Promise.all([launchChromium(), serveSite()]);
});
afterAll(() => Promise.all([browser.close(), site.close()]));

beforeEach(async () => {
  backend = await startRecordingIngest();
  door = await openFaultyDoor(backend.endpoint);
  context = await browser.newContext();
});
afterEach(async () => {
  site.embed('');
  await context.close();
  await Promise.all([door.close(), backend.close()]);
});

const addressOf = (settings = {}): string => site.page({ endpoint: door.endpoint, ...settings });

/** A page that has loaded the SDK. */
const open = async (settings = {}, tab?: Page): Promise<Page> => {
  const page = tab ?? (await context.newPage());
  await page.goto(addressOf(settings));
  await page.waitForFunction('window.app');
  return page;
};

const countOf = (event: string): Promise<number> => backend.count({ ...subject, event });
const counted = (event: string, count: number) =>
  until(
    () => countOf(event),
    (seen) => seen >= count,
  );
const emptied = (page: Page) =>
  until(
    () => page.evaluate<number>('localStorage.length'),
    (length) => length === 0,
  );
const errorsOf = (page: Page) => page.evaluate<string[]>('app.errors');

describe('in a browser', () => {
  test('keys, hashes, variants and uuids are those of Node', async () => {
    const page = await open();
    await page.addScriptTag({ content: bundleForBrowser('tests/support/sdk-vectors.ts', 'vectors') });

    const vectors = await page.evaluate(`vectors.computeVectors(${JSON.stringify(golden)})`);
    expect(vectors).toEqual(computeVectors(golden));
  });

  test('an exposure and goals arrive once each, in their order, and nothing stays behind', async () => {
    const page = await open();
    await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 3)).then(() => app.track(1, 'bought'))");
    await counted('bought', 1);

    expect(backend.events.map(({ event }) => event)).toEqual([
      'participate',
      'clicked',
      'clicked',
      'clicked',
      'bought',
    ]);
    expect(await backend.visitors({ ...subject, event: 'clicked' })).toMatchObject({ exposed: 1, converted: 1 });
    await emptied(page);
    expect(await errorsOf(page)).toEqual([]);
  });

  test('nothing is stored before it is needed, and no cookie ever', async () => {
    const page = await open();
    expect(await page.evaluate('localStorage.length')).toBe(0);

    await page.evaluate("app.track(1, 'clicked')");
    expect(await page.evaluate('localStorage.length')).toBe(1);
    expect(await page.evaluate('app.flush()')).toBe(0);
    expect(await page.evaluate('localStorage.length')).toBe(0);
    expect(await context.cookies()).toEqual([]);
  });

  test('nothing that a visitor is known by leaves the page', async () => {
    const page = await open();
    await page.evaluate("app.visit('ann@example.com').run().then(app.flush)");

    expect(await countOf('participate')).toBe(1);
    expect(JSON.stringify(backend.events)).not.toContain('ann');
  });

  test('what the server has decided is shown in the first frame', async () => {
    const decided = { variant: 'control', reason: 'split', key: 'k', unit: 'k', tracked: true } as const;
    site.embed(await renderBootstrap([{ name: 'colors', assign: () => Promise.resolve(decided) }]));
    const page = await open({ run: '1' });

    await page.waitForFunction('window.firstFrame');
    expect(await page.evaluate('window.firstFrame')).toBe('old');
    expect(await page.evaluate('app.visit(1).assign()')).toEqual(decided);
    await page.evaluate('app.flush()');
    expect(await backend.count({ ...subject, variant: 'control', event: 'participate' })).toBe(1);
  });
});

describe('nothing is lost and nothing counts twice', () => {
  test('when the visitor was offline', async () => {
    const page = await open();
    await context.setOffline(true);
    await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 30)).then(app.flush)");
    expect(backend.events).toEqual([]);

    await context.setOffline(false);
    await counted('clicked', 30);
    await emptied(page);
    expect([await countOf('participate'), await countOf('clicked')]).toEqual([1, 30]);
  });

  test('when the page is reloaded with a full queue', async () => {
    await door.goDown();
    const page = await open();
    await page.evaluate("app.track(1, 'clicked', 1001)");
    expect(await errorsOf(page)).toEqual(['queue_full']);

    await door.comeUp();
    await open({}, page);
    await counted('clicked', 1_000);
    await emptied(page);
    expect(await countOf('clicked')).toBe(1_000);
  });

  test('when two tabs share a queue and one is closed', async () => {
    await door.goDown();
    const [first, second] = [await open(), await open()];
    await Promise.all([first.evaluate("app.track(1, 'clicked', 20)"), second.evaluate("app.track(2, 'clicked', 20)")]);
    await first.close();

    await door.comeUp();
    await counted('clicked', 40);
    await emptied(second);
    expect(await countOf('clicked')).toBe(40);
  });

  test('when two tabs send at the same time', async () => {
    const tabs = [await open(), await open()];
    await Promise.all(tabs.map((tab, i) => tab.evaluate(`app.track(${i}, 'clicked', 60).then(app.flush)`)));
    await counted('clicked', 120);
    await Promise.all(tabs.map(emptied));

    expect(await countOf('clicked')).toBe(120);
  });

  test('when the page goes away in the middle', async () => {
    const page = await open();
    await page.evaluate("void app.track(1, 'clicked', 40).then(() => (location.href = 'about:blank'))");
    await counted('clicked', 40);

    expect(await countOf('clicked')).toBe(40);
  });

  test('when the page goes away in the middle, and the backend was down just then', async () => {
    await door.goDown();
    const page = await open();
    await page.evaluate("void app.track(1, 'clicked', 40).then(() => (location.href = 'about:blank'))");
    await page.waitForURL('about:blank');

    await door.comeUp();
    await open({}, page);
    await counted('clicked', 40);
    await emptied(page);
    expect(await countOf('clicked')).toBe(40);
  });

  test('when the browser refuses storage', async () => {
    await context.addInitScript(
      "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })",
    );
    const page = await open();
    await page.evaluate("app.track(1, 'clicked', 3).then(app.flush)");
    expect(await countOf('clicked')).toBe(3);

    await page.evaluate("void app.track(1, 'bought', 5).then(() => (location.href = 'about:blank'))");
    await counted('bought', 5);
    expect([await countOf('clicked'), await countOf('bought')]).toEqual([3, 5]);
  });

  test('when the storage is cleared before the batch goes', async () => {
    const page = await open();
    await page.evaluate("app.track(1, 'clicked', 3).then(() => localStorage.clear()).then(app.flush)");

    expect(await countOf('clicked')).toBe(3);
  });

  test('when the backend asks to come back later, and nobody comes earlier', async () => {
    door.refuseNext(1, 503, { 'retry-after': '3' });
    const page = await open();
    await page.evaluate("app.track(1, 'clicked').then(app.flush)");
    await page.evaluate("app.track(1, 'clicked', 30)");
    await counted('clicked', 31);

    expect(await countOf('clicked')).toBe(31);
    const [first, second] = door.requests;
    expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(3_000);
  });

  test('when answers are lost after the events were taken', async () => {
    door.loseNextAnswers(2);
    const page = await open();
    await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 5)).then(app.flush)");
    await emptied(page);

    expect(backend.arrivals()).toBeGreaterThanOrEqual(18);
    expect([await countOf('participate'), await countOf('clicked')]).toEqual([1, 5]);
  });

  test.each([twoHoursMs, -twoHoursMs])(
    'when the clock is off by %d ms on one page, and the order stays',
    async (clockMs) => {
      await door.goDown();
      const page = await open({ clockMs: `${clockMs}` });
      await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked'))");
      await open({}, page);
      await page.evaluate("app.track(1, 'bought')");

      await door.comeUp();
      await page.evaluate('app.flush()');
      await counted('bought', 1);
      await emptied(page);
      expect(backend.events.map(({ event }) => event)).toEqual(['participate', 'clicked', 'bought']);
      expect(await backend.visitors({ ...subject, event: 'bought' })).toMatchObject({ exposed: 1, converted: 1 });
    },
  );

  test('when a page is opened again and again: one exposure for a visitor', async () => {
    const page = await open();
    for (let i = 0; i < 3; i++) {
      await open({}, page);
      await page.evaluate('app.visit(1).run().then(app.flush)');
    }

    expect(backend.arrivals()).toBe(3);
    expect(await countOf('participate')).toBe(1);
  });
});

describe("a visitor's id", () => {
  test('lasts, from the first call on', async () => {
    const page = await open();
    const id = await page.evaluate<string>('app.visitorId()');
    await open({}, page);

    expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(await page.evaluate('app.visitorId()')).toBe(id);
  });

  test.each(["'globalPrivacyControl', { get: () => true }", "'doNotTrack', { get: () => '1' }"])(
    'does not last for a visitor who refuses tracking: %s',
    async (property) => {
      await context.addInitScript(`Object.defineProperty(Navigator.prototype, ${property})`);
      const page = await open();
      const id = await page.evaluate<string>('app.visitorId()');

      expect(await page.evaluate('localStorage.length')).toBe(0);
      expect(await page.evaluate('app.visitorId()')).not.toBe(id);
    },
  );
});
