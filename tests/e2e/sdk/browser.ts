import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import fixture from '../../fixtures/gitlab-experiment.json';
import { renderBootstrap } from '../../../sdk/src/node/create-experiments.ts';
import { launchChromium } from '../../support/page/chromium.ts';
import type { Backend } from '../../support/sdk/backend.ts';
import { startFaultyEndpoint } from '../../support/sdk/faulty-endpoint.ts';
import type { FaultyEndpoint } from '../../support/sdk/faulty-endpoint.ts';
import { bundleForBrowser, serveSite } from '../../support/sdk/browser.ts';
import type { Site } from '../../support/sdk/browser.ts';
import { computeVectors } from '../../support/sdk/vectors.ts';
import type { Golden } from '../../support/sdk/vectors.ts';
import { waitUntil } from '../../support/wait-until.ts';

const golden = fixture as unknown as Golden;
const twoHoursMs = 2 * 3_600_000;

export const describeBrowser = (backend: Backend): void =>
  describe('the SDK in Chromium', () => {
    let browser: Browser;
    let site: Site;
    let faulty: FaultyEndpoint;
    let context: BrowserContext;
    let namespace: string;

    beforeAll(async () => {
      [browser, site] = await Promise.all([launchChromium(), serveSite()]);
    });
    afterAll(() => Promise.all([browser.close(), site.close()]));

    beforeEach(async () => {
      namespace = randomUUID();
      faulty = await startFaultyEndpoint(backend.endpoint);
      context = await browser.newContext();
    });
    afterEach(async () => {
      site.embed('');
      await context.close();
      await faulty.close();
    });

    const addressOf = (settings = {}): string => site.page({ endpoint: faulty.endpoint, namespace, ...settings });

    /** A page that has loaded the SDK. */
    const open = async (settings = {}, tab?: Page): Promise<Page> => {
      const page = tab ?? (await context.newPage());
      await page.goto(addressOf(settings));
      await page.waitForFunction('window.app');
      return page;
    };

    const nameOf = (event: string) => ({ namespace, experiment: 'colors', variant: 'red', event });
    const countOf = (event: string): Promise<number> => backend.count(nameOf(event));
    const countsOf = (...events: string[]): Promise<number[]> => Promise.all(events.map(countOf));
    const visitorsOf = (goal: string) => backend.visitors(nameOf(goal));
    /** All that wait have got their 200, and are counted. */
    const emptied = async (...pages: Page[]): Promise<void> => {
      for (const page of pages) {
        const isEmpty = async () => (await page.evaluate('localStorage.length')) === 0;
        await waitUntil('no event waits in the browser', isEmpty, 30);
      }
      await backend.settle();
    };
    /** The different events in the order of their first arrival. */
    const arrivals = (): string[] => [...new Map(faulty.taken.map(({ uuid, event }) => [uuid, event])).values()];
    /** For a page that has gone: nobody is left to ask what waits. */
    const arrived = async (times: number): Promise<void> => {
      await waitUntil(`${times} different events have got their 200`, () => arrivals().length >= times, 30);
      await backend.settle();
    };
    const errorsOf = (page: Page) => page.evaluate<string[]>('app.errors');

    describe('a page', () => {
      test('keys, hashes, variants and uuids are those of Node', async () => {
        const page = await open();
        await page.addScriptTag({ content: bundleForBrowser('tests/support/sdk/vectors.ts', 'vectors') });

        const vectors = await page.evaluate(`vectors.computeVectors(${JSON.stringify(golden)})`);
        expect(vectors).toEqual(computeVectors(golden));
      });

      test('an exposure and goals arrive once each, in their order, and nothing stays behind', async () => {
        const page = await open();
        await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 3))");
        await page.evaluate("app.track(1, 'bought')");
        await emptied(page);

        expect(arrivals()).toEqual(['participate', 'clicked', 'clicked', 'clicked', 'bought']);
        expect(await countsOf('participate', 'clicked', 'bought')).toEqual([1, 3, 1]);
        expect(await visitorsOf('clicked')).toMatchObject({ exposed: 1, converted: 1, times: 3 });
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

        expect(arrivals()).toEqual(['participate']);
        expect(JSON.stringify(faulty.taken)).not.toContain('ann');
      });

      test('what the server has decided is shown in the first frame', async () => {
        const decided = { variant: 'control', reason: 'split', key: 'k', unit: 'k', tracked: true } as const;
        site.embed(await renderBootstrap([{ name: 'colors', assign: () => Promise.resolve(decided) }]));
        const page = await open({ run: '1' });

        await page.waitForFunction('window.firstFrame');
        expect(await page.evaluate('window.firstFrame')).toBe('old');
        expect(await page.evaluate('app.visit(1).assign()')).toEqual(decided);
        await page.evaluate('app.flush()');
        await emptied(page);
        expect(await backend.count({ ...nameOf('participate'), variant: 'control' })).toBe(1);
      });
    });

    describe('nothing is lost and nothing counts twice', () => {
      test('when the visitor was offline', async () => {
        const page = await open();
        await context.setOffline(true);
        await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 30)).then(app.flush)");
        expect(faulty.requests).toEqual([]);

        await context.setOffline(false);
        await emptied(page);
        expect(await countsOf('participate', 'clicked')).toEqual([1, 30]);
        expect(await visitorsOf('clicked')).toMatchObject({ exposed: 1, converted: 1, times: 30 });
      });

      test('when the page is reloaded with a full queue', async () => {
        await faulty.goDown();
        const page = await open();
        await page.evaluate("app.track(1, 'clicked', 1001)");
        expect(await errorsOf(page)).toEqual(['queue_full']);

        await faulty.comeUp();
        await open({}, page);
        await emptied(page);
        expect(await countOf('clicked')).toBe(1_000);
      });

      test('when two tabs share a queue and one is closed', async () => {
        await faulty.goDown();
        const [first, second] = [await open(), await open()];
        await Promise.all([first, second].map((tab, i) => tab.evaluate(`app.track(${i}, 'clicked', 20)`)));
        await first.close();

        await faulty.comeUp();
        await emptied(second);
        expect(await countOf('clicked')).toBe(40);
      });

      test('when two tabs send at the same time', async () => {
        const tabs = [await open(), await open()];
        await Promise.all(tabs.map((tab, i) => tab.evaluate(`app.track(${i}, 'clicked', 60).then(app.flush)`)));
        await emptied(...tabs);

        expect(await countOf('clicked')).toBe(120);
      });

      test('when the page goes away in the middle', async () => {
        const page = await open();
        await page.evaluate("void app.track(1, 'clicked', 40).then(() => (location.href = 'about:blank'))");
        await arrived(40);

        expect(await countOf('clicked')).toBe(40);
      });

      test('when the page goes away in the middle, and the backend was down just then', async () => {
        await faulty.goDown();
        const page = await open();
        await page.evaluate("void app.track(1, 'clicked', 40).then(() => (location.href = 'about:blank'))");
        await page.waitForURL('about:blank');

        await faulty.comeUp();
        await open({}, page);
        await emptied(page);
        expect(await countOf('clicked')).toBe(40);
      });

      test('when the browser refuses storage', async () => {
        await context.addInitScript(
          "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } })",
        );
        const page = await open();
        expect(await page.evaluate("app.track(1, 'clicked', 3).then(app.flush)")).toBe(0);

        await page.evaluate("void app.track(1, 'bought', 5).then(() => (location.href = 'about:blank'))");
        await arrived(8);
        expect(await countsOf('clicked', 'bought')).toEqual([3, 5]);
      });

      test('when the storage is cleared before the batch goes', async () => {
        const page = await open();
        await page.evaluate("app.track(1, 'clicked', 3).then(() => localStorage.clear()).then(app.flush)");
        await emptied(page);

        expect(await countOf('clicked')).toBe(3);
      });

      test('when the backend asks to come back later, and nobody comes earlier', async () => {
        faulty.refuseNext(1, 503, { 'retry-after': '3' });
        const page = await open();
        await page.evaluate("app.track(1, 'clicked').then(app.flush)");
        await page.evaluate("app.track(1, 'clicked', 30)");
        await emptied(page);

        expect(await countOf('clicked')).toBe(31);
        const [first, second] = faulty.requests;
        expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(3_000);
      });

      test('when answers are lost after the events were taken', async () => {
        faulty.loseNextAnswers(2);
        const page = await open();
        await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 5)).then(app.flush)");
        await emptied(page);

        expect(faulty.taken.length).toBeGreaterThanOrEqual(18);
        expect(await countsOf('participate', 'clicked')).toEqual([1, 5]);
        expect(await visitorsOf('clicked')).toMatchObject({ exposed: 1, converted: 1, times: 5 });
      });

      test.each([twoHoursMs, -twoHoursMs])(
        'when the clock is off by %d ms on one page, and the order stays',
        async (clockMs) => {
          await faulty.goDown();
          const page = await open({ clockMs: `${clockMs}` });
          await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked'))");
          await open({}, page);
          await page.evaluate("app.track(1, 'bought')");

          await faulty.comeUp();
          await page.evaluate('app.flush()');
          await emptied(page);
          expect(arrivals()).toEqual(['participate', 'clicked', 'bought']);
          expect(await countsOf('participate', 'clicked', 'bought')).toEqual([1, 1, 1]);
          expect(await visitorsOf('bought')).toMatchObject({ exposed: 1, converted: 1 });
        },
      );

      test('when a page is opened again and again: one exposure for a visitor', async () => {
        const page = await open();
        for (let i = 0; i < 3; i++) {
          await open({}, page);
          await page.evaluate('app.visit(1).run().then(app.flush)');
        }

        await backend.settle();
        expect(faulty.taken).toHaveLength(3);
        expect(await countOf('participate')).toBe(1);
        expect(await visitorsOf('clicked')).toMatchObject({ exposed: 1, crossedOver: 0 });
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
  });
