import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { launchChromium } from '../page/chromium.ts';
import { waitUntil } from '../wait-until.ts';
import type { Backend } from './backend.ts';
import { serveSite, type Site } from './browser.ts';
import { startFaultyEndpoint, type FaultyEndpoint } from './faulty-endpoint.ts';

export type PagesUnderTest = ReturnType<typeof usePages>;

/** A Chromium for the tests around it, and for each of them a visitor, a namespace and an endpoint that may fail. */
export function usePages(backend: Backend) {
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

  return {
    get site() {
      return site;
    },
    get faulty() {
      return faulty;
    },
    get context() {
      return context;
    },
    get namespace() {
      return namespace;
    },
    addressOf,
    open,
    nameOf,
    countOf,
    countsOf,
    visitorsOf,
    emptied,
    arrivals,
    arrived,
    errorsOf,
  };
}
