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
      // Sites of several hosts, which are all this machine.
      const hosts = ['--host-resolver-rules=MAP *.test 127.0.0.1'];
      [browser, site] = await Promise.all([launchChromium(hosts), serveSite()]);
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
        await Promise.all([first, second].map((tab, i) => tab.evaluate(`app.track(${i + 1}, 'clicked', 20)`)));
        await first.close();

        await faulty.comeUp();
        await emptied(second);
        expect(await countOf('clicked')).toBe(40);
      });

      test('when two tabs send at the same time', async () => {
        const tabs = [await open(), await open()];
        await Promise.all(tabs.map((tab, i) => tab.evaluate(`app.track(${i + 1}, 'clicked', 60).then(app.flush)`)));
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

      test('is the same on all hosts of a site, in a cookie for the widest domain that holds', async () => {
        const page = await context.newPage();
        const idOn = async (host: string): Promise<string> => {
          await page.goto(site.page({ endpoint: faulty.endpoint, namespace }, host));
          await page.waitForFunction('window.app');
          return page.evaluate<string>('app.visitorId()');
        };
        const id = await idOn('www.shop.test');

        expect(await idOn('pay.shop.test')).toBe(id);
        expect(await idOn('other.test')).not.toBe(id);
        const cookies = (await context.cookies()).map(({ name, domain }) => `${name} ${domain}`).sort();
        expect(cookies).toEqual(['mem_visitor .other.test', 'mem_visitor .shop.test']);
      });

      test('is handed over in a link, for two minutes, where hosts share no domain', async () => {
        const page = await context.newPage();
        const open = async (address: string): Promise<string> => {
          await page.goto(address);
          await page.waitForFunction('window.app');
          return page.evaluate<string>('app.visitorId()');
        };
        const settings = { endpoint: faulty.endpoint, namespace };
        const id = await open(site.page(settings, 'www.shop.test'));
        const link = await page.evaluate<string>(`app.linkWithVisitor('${site.page(settings, 'other.test')}')`);

        expect(await open(link)).toBe(id);
        expect(page.url()).not.toContain('mem_visitor');
        expect(await open(site.page(settings, 'other.test'))).toBe(id);
        const late = { ...settings, clockMs: `${3 * 60_000}` };
        await page.goto(link.replace('other.test', 'third.test').replace('&mem_', `&clockMs=${late.clockMs}&mem_`));
        await page.waitForFunction('window.app');
        expect(await page.evaluate('app.visitorId()')).not.toBe(id);
      });

      test('of an earlier version, in localStorage, stays', async () => {
        const page = await open();
        await page.evaluate("localStorage.setItem('mem/visitor', '0123456789abcdef0123456789abcdef')");
        await open({}, page);

        expect(await page.evaluate('app.visitorId()')).toBe('0123456789abcdef0123456789abcdef');
        expect((await context.cookies()).map(({ value }) => value)).toEqual(['0123456789abcdef0123456789abcdef']);
      });

      test('is in localStorage where cookies are refused', async () => {
        await context.addInitScript("Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {} })");
        const page = await open();
        const id = await page.evaluate<string>('app.visitorId()');
        await open({}, page);

        expect(await page.evaluate('app.visitorId()')).toBe(id);
        expect(await errorsOf(page)).toEqual([]);
      });

      test('is one for all callers of a page where everything is refused, and onError hears of it once', async () => {
        await context.addInitScript(`
          Object.defineProperty(Document.prototype, 'cookie', { get() { throw new DOMException('no', 'SecurityError'); } });
          Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });
        `);
        const page = await open();
        const ids = await page.evaluate<string[]>('[app.visitorId(), app.visitorId()]');
        expect(ids[0]).toBe(ids[1]);

        await page.evaluate(
          'app.visit(app.visitorId()).run().then(() => app.visit(app.visitorId()).run()).then(app.flush)',
        );
        expect(arrivals()).toEqual(['participate']);
        expect(await errorsOf(page)).toEqual(['storage_refused']);
      });
    });

    describe('a visitor with Global Privacy Control or Do Not Track', () => {
      const signals = ["'globalPrivacyControl', { get: () => true }", "'doNotTrack', { get: () => '1' }"];

      test.each(signals)('sees the control on all pages, leaves no trace, and is not counted: %s', async (property) => {
        await context.addInitScript(`Object.defineProperty(Navigator.prototype, ${property})`);
        const page = await open();
        for (let i = 0; i < 3; i++) {
          await open({}, page);
          expect(await page.evaluate('app.visitorId() === app.visitorId()')).toBe(true);
          expect(await page.evaluate('app.visit(app.visitorId()).run()')).toBe('old');
          await page.evaluate("app.track(app.visitorId(), 'clicked').then(app.flush)");
        }

        expect(await page.evaluate('localStorage.length')).toBe(0);
        expect(await context.cookies()).toEqual([]);
        expect([faulty.requests, await errorsOf(page)]).toEqual([[], []]);
      });

      test('is one visitor of this page where the site says so, and as all others where it leaves the signal aside', async () => {
        await context.addInitScript(`Object.defineProperty(Navigator.prototype, ${signals[0] ?? ''})`);
        const page = await open({ doNotTrack: 'anonymous' });
        await page.evaluate('app.visit(app.visitorId()).run().then(app.flush)');
        expect(arrivals()).toEqual(['participate']);
        expect(await context.cookies()).toEqual([]);

        await open({ doNotTrack: 'ignore' }, page);
        const id = await page.evaluate('app.visitorId()');
        await open({ doNotTrack: 'ignore' }, page);
        expect(await page.evaluate('app.visitorId()')).toBe(id);
      });
    });

    describe('consent', () => {
      const traces = async (page: Page) => [
        await page.evaluate('localStorage.length'),
        (await context.cookies()).length,
        faulty.requests.length,
      ];

      test('that comes later: nothing is stored or sent before it, and then what has happened on the page', async () => {
        const page = await open({ consent: 'pending' });
        const id = await page.evaluate('app.visitorId()');
        expect(await page.evaluate('app.visit(app.visitorId()).run()')).toBe('new');
        await page.evaluate("app.track(app.visitorId(), 'clicked', 30).then(app.flush)");
        expect(await traces(page)).toEqual([0, 0, 0]);

        await page.evaluate("app.setConsent('granted')");
        await emptied(page);
        expect(await countsOf('participate', 'clicked')).toEqual([1, 30]);
        await open({ consent: 'granted' }, page);
        expect(await page.evaluate('app.visitorId()')).toBe(id);
      });

      test('that is refused: nothing stays, and nothing is sent', async () => {
        const page = await open({ consent: 'pending' });
        await page.evaluate("app.visit(app.visitorId()).run().then(() => app.setConsent('refused'))");
        await page.evaluate("app.track(app.visitorId(), 'clicked').then(app.flush)");
        await open({ consent: 'refused' }, page);
        expect(await page.evaluate('app.visit(app.visitorId()).run()')).toBe('old');

        expect([await traces(page), await errorsOf(page)]).toEqual([[0, 0, 0], []]);
      });

      test('that is taken back: the id and what waits are forgotten', async () => {
        await faulty.goDown();
        const page = await open();
        await page.evaluate("app.visit(app.visitorId()).run().then(() => app.setConsent('refused'))");

        expect((await traces(page)).slice(0, 2)).toEqual([0, 0]);
      });
    });

    describe('a browser', () => {
      test('that a program drives is not counted, and works', async () => {
        await context.addInitScript("Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => true })");
        const page = await open();

        expect(await page.evaluate('app.visit(1).run()')).toBe('new');
        await page.evaluate("app.track(1, 'clicked').then(app.flush)");
        expect(faulty.requests).toEqual([]);
      });

      test('without what came after Safari 14 and Chrome 80 sends as all others', async () => {
        await context.addInitScript(`
          delete AbortSignal.timeout;
          delete window.structuredClone;
          delete window.TextEncoder;
          delete Crypto.prototype.randomUUID;
          delete Object.hasOwn;
          for (const type of [Array, String]) for (const name of ['at', 'replaceAll', 'findLast']) delete type.prototype[name];
          delete Promise.any;
        `);
        const page = await open();
        await page.evaluate("app.visit(app.visitorId()).run().then(() => app.track(app.visitorId(), 'clicked', 3))");
        await emptied(page);

        expect(await countsOf('participate', 'clicked')).toEqual([1, 3]);
        expect(await errorsOf(page)).toEqual([]);
      });
    });

    describe('what somebody between does', () => {
      test.each([401, 403, 404, 408, 425])('a %d that is not the backend’s own loses nothing', async (status) => {
        faulty.refuseNext(1, status);
        const page = await open();
        await page.evaluate("app.track(1, 'clicked', 3).then(app.flush)");
        await emptied(page);

        expect(await countOf('clicked')).toBe(3);
        expect(await errorsOf(page)).toEqual([]);
      });

      test('an event larger than browsers send after a page holds back none of the others', async () => {
        const page = await open();
        await page.evaluate("app.visit(1).track('clicked', { segments: { path: 'x'.repeat(70_000) } })");
        await page.evaluate("app.track(1, 'bought', 3).then(app.flush)");
        await emptied(page);

        expect(await countOf('bought')).toBe(3);
      });
    });

    describe('where there is no page', () => {
      test('a worker assigns and sends', async () => {
        const page = await open();
        const worker = bundleForBrowser(`
          import { createExperiments, defineExperiment, percent, readBootstrap, visitorId } from './sdk/src/browser.ts';
          const errors = [];
          const colors = defineExperiment({
            name: 'colors',
            variants: { control: () => 'old', red: () => 'new' },
            rollout: percent({ control: 0, red: 100 }),
          });
          const { for: visit, flush } = createExperiments({
            endpoint: '${faulty.endpoint}',
            namespace: '${namespace}',
            bootstrap: readBootstrap(),
            flushTimeoutMs: 30_000,
            onError: (error) => errors.push(error.code ?? String(error)),
          });
          const same = visitorId() === visitorId();
          visit(colors, { userId: visitorId() }).run().then(async (shown) => postMessage([shown, same, await flush(), errors]));
        `);
        await page.evaluate(`
          const worker = new Worker(URL.createObjectURL(new Blob([${JSON.stringify(worker)}], { type: 'text/javascript' })));
          window.answer = new Promise((resolve) => (worker.onmessage = ({ data }) => resolve(data)));
          undefined;
        `);

        expect(await page.evaluate('window.answer')).toEqual(['new', true, 0, ['storage_refused']]);
        expect(arrivals()).toEqual(['participate']);
      });
    });
  });
