import { describe, expect, test } from '@jest/globals';
import fixture from '../../fixtures/gitlab-experiment.json';
import { renderBootstrap } from '../../../sdk/src/node/create-experiments.ts';
import type { Backend } from '../../support/sdk/backend.ts';
import { bundleForBrowser } from '../../support/sdk/browser.ts';
import type { PagesUnderTest } from '../../support/sdk/pages.ts';
import { computeVectors, type Golden } from '../../support/sdk/vectors.ts';

const golden = fixture as unknown as Golden;
const twoHoursMs = 2 * 3_600_000;

export function describePages(pages: PagesUnderTest, backend: Backend): void {
  const { nameOf, open, countOf, countsOf, visitorsOf, emptied, arrivals, arrived, errorsOf } = pages;

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
      expect(await pages.context.cookies()).toEqual([]);
    });

    test('nothing that a visitor is known by leaves the page', async () => {
      const page = await open();
      await page.evaluate("app.visit('ann@example.com').run().then(app.flush)");

      expect(arrivals()).toEqual(['participate']);
      expect(JSON.stringify(pages.faulty.taken)).not.toContain('ann');
    });

    test('what the server has decided is shown in the first frame', async () => {
      const decided = { variant: 'control', reason: 'split', key: 'k', unit: 'k', tracked: true } as const;
      pages.site.embed(await renderBootstrap([{ name: 'colors', assign: () => Promise.resolve(decided) }]));
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
      await pages.context.setOffline(true);
      await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 30)).then(app.flush)");
      expect(pages.faulty.requests).toEqual([]);

      await pages.context.setOffline(false);
      await emptied(page);
      expect(await countsOf('participate', 'clicked')).toEqual([1, 30]);
      expect(await visitorsOf('clicked')).toMatchObject({ exposed: 1, converted: 1, times: 30 });
    });

    test('when the page is reloaded with a full queue', async () => {
      await pages.faulty.goDown();
      const page = await open();
      await page.evaluate("app.track(1, 'clicked', 1001)");
      expect(await errorsOf(page)).toEqual(['queue_full']);

      await pages.faulty.comeUp();
      await open({}, page);
      await emptied(page);
      expect(await countOf('clicked')).toBe(1_000);
    });

    test('when two tabs share a queue and one is closed', async () => {
      await pages.faulty.goDown();
      const [first, second] = [await open(), await open()];
      await Promise.all([first, second].map((tab, i) => tab.evaluate(`app.track(${i + 1}, 'clicked', 20)`)));
      await first.close();

      await pages.faulty.comeUp();
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
      await pages.faulty.goDown();
      const page = await open();
      await page.evaluate("void app.track(1, 'clicked', 40).then(() => (location.href = 'about:blank'))");
      await page.waitForURL('about:blank');

      await pages.faulty.comeUp();
      await open({}, page);
      await emptied(page);
      expect(await countOf('clicked')).toBe(40);
    });

    test('when the browser refuses storage', async () => {
      await pages.context.addInitScript(
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
      pages.faulty.refuseNext(1, 503, { 'retry-after': '3' });
      const page = await open();
      await page.evaluate("app.track(1, 'clicked').then(app.flush)");
      await page.evaluate("app.track(1, 'clicked', 30)");
      await emptied(page);

      expect(await countOf('clicked')).toBe(31);
      const [first, second] = pages.faulty.requests;
      expect((second?.atMs ?? 0) - (first?.atMs ?? 0)).toBeGreaterThanOrEqual(3_000);
    });

    test('when answers are lost after the events were taken', async () => {
      pages.faulty.loseNextAnswers(2);
      const page = await open();
      await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked', 5)).then(app.flush)");
      await emptied(page);

      expect(pages.faulty.taken.length).toBeGreaterThanOrEqual(18);
      expect(await countsOf('participate', 'clicked')).toEqual([1, 5]);
      expect(await visitorsOf('clicked')).toMatchObject({ exposed: 1, converted: 1, times: 5 });
    });

    test.each([twoHoursMs, -twoHoursMs])(
      'when the clock is off by %d ms on one page, and the order stays',
      async (clockMs) => {
        await pages.faulty.goDown();
        const page = await open({ clockMs: `${clockMs}` });
        await page.evaluate("app.visit(1).run().then(() => app.track(1, 'clicked'))");
        await open({}, page);
        await page.evaluate("app.track(1, 'bought')");

        await pages.faulty.comeUp();
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
      expect(pages.faulty.taken).toHaveLength(3);
      expect(await countOf('participate')).toBe(1);
      expect(await visitorsOf('clicked')).toMatchObject({ exposed: 1, crossedOver: 0 });
    });
  });

  describe('a browser', () => {
    test('that a program drives is not counted, and works', async () => {
      await pages.context.addInitScript("Object.defineProperty(Navigator.prototype, 'webdriver', { get: () => true })");
      const page = await open();

      expect(await page.evaluate('app.visit(1).run()')).toBe('new');
      await page.evaluate("app.track(1, 'clicked').then(app.flush)");
      expect(pages.faulty.requests).toEqual([]);
    });

    test('without what came after Safari 14 and Chrome 80 sends as all others', async () => {
      await pages.context.addInitScript(`
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
      pages.faulty.refuseNext(1, status);
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
          endpoint: '${pages.faulty.endpoint}',
          namespace: '${pages.namespace}',
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
}
