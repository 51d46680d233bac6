import { describe, expect, test } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { PagesUnderTest } from '../../support/sdk/pages.ts';

export function describeVisitors(pages: PagesUnderTest): void {
  const { open, countsOf, emptied, arrivals, errorsOf } = pages;

  describe("a visitor's id", () => {
    test('lasts, from the first call on', async () => {
      const page = await open();
      const id = await page.evaluate<string>('app.visitorId()');
      await open({}, page);

      expect(id).toMatch(/^[0-9a-f]{32}$/);
      expect(await page.evaluate('app.visitorId()')).toBe(id);
    });

    test('is the same on all hosts of a site, in a cookie for the widest domain that holds', async () => {
      const page = await pages.context.newPage();
      const idOn = async (host: string): Promise<string> => {
        await page.goto(pages.site.page({ endpoint: pages.faulty.endpoint, namespace: pages.namespace }, host));
        await page.waitForFunction('window.app');
        return page.evaluate<string>('app.visitorId()');
      };
      const id = await idOn('www.shop.test');

      expect(await idOn('pay.shop.test')).toBe(id);
      expect(await idOn('other.test')).not.toBe(id);
      const cookies = (await pages.context.cookies()).map(({ name, domain }) => `${name} ${domain}`).sort();
      expect(cookies).toEqual(['mem_visitor .other.test', 'mem_visitor .shop.test']);
    });

    test('is handed over in a link, for two minutes, where hosts share no domain', async () => {
      const page = await pages.context.newPage();
      const open = async (address: string): Promise<string> => {
        await page.goto(address);
        await page.waitForFunction('window.app');
        return page.evaluate<string>('app.visitorId()');
      };
      const settings = { endpoint: pages.faulty.endpoint, namespace: pages.namespace };
      const id = await open(pages.site.page(settings, 'www.shop.test'));
      const link = await page.evaluate<string>(`app.linkWithVisitor('${pages.site.page(settings, 'other.test')}')`);

      expect(await open(link)).toBe(id);
      expect(page.url()).not.toContain('mem_visitor');
      expect(await open(pages.site.page(settings, 'other.test'))).toBe(id);
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
      expect((await pages.context.cookies()).map(({ value }) => value)).toEqual(['0123456789abcdef0123456789abcdef']);
    });

    test('is in localStorage where cookies are refused', async () => {
      await pages.context.addInitScript(
        "Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {} })",
      );
      const page = await open();
      const id = await page.evaluate<string>('app.visitorId()');
      await open({}, page);

      expect(await page.evaluate('app.visitorId()')).toBe(id);
      expect(await errorsOf(page)).toEqual([]);
    });

    test('is one for all callers of a page where everything is refused, and onError hears of it once', async () => {
      await pages.context.addInitScript(`
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
      await pages.context.addInitScript(`Object.defineProperty(Navigator.prototype, ${property})`);
      const page = await open();
      for (let i = 0; i < 3; i++) {
        await open({}, page);
        expect(await page.evaluate('app.visitorId() === app.visitorId()')).toBe(true);
        expect(await page.evaluate('app.visit(app.visitorId()).run()')).toBe('old');
        await page.evaluate("app.track(app.visitorId(), 'clicked').then(app.flush)");
      }

      expect(await page.evaluate('localStorage.length')).toBe(0);
      expect(await pages.context.cookies()).toEqual([]);
      expect([pages.faulty.requests, await errorsOf(page)]).toEqual([[], []]);
    });

    test('is one visitor of this page where the site says so, and as all others where it leaves the signal aside', async () => {
      await pages.context.addInitScript(`Object.defineProperty(Navigator.prototype, ${signals[0] ?? ''})`);
      const page = await open({ doNotTrack: 'anonymous' });
      await page.evaluate('app.visit(app.visitorId()).run().then(app.flush)');
      expect(arrivals()).toEqual(['participate']);
      expect(await pages.context.cookies()).toEqual([]);

      await open({ doNotTrack: 'ignore' }, page);
      const id = await page.evaluate('app.visitorId()');
      await open({ doNotTrack: 'ignore' }, page);
      expect(await page.evaluate('app.visitorId()')).toBe(id);
    });
  });

  describe('consent', () => {
    const traces = async (page: Page) => [
      await page.evaluate('localStorage.length'),
      (await pages.context.cookies()).length,
      pages.faulty.requests.length,
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
      await pages.faulty.goDown();
      const page = await open();
      await page.evaluate("app.visit(app.visitorId()).run().then(() => app.setConsent('refused'))");

      expect((await traces(page)).slice(0, 2)).toEqual([0, 0]);
    });
  });
}
