import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { ADMIN_KEY } from '../report/fake-report-stores.ts';

export interface OpenPage {
  page: Page;
  /** What the browser complained about: script errors, refused resources, dialogs. */
  complaints: string[];
  go: (query: string) => Promise<void>;
  /** Rules that axe-core finds broken, with where. */
  findFaults: () => Promise<string[]>;
  close: () => Promise<void>;
}

export interface PageOptions extends BrowserContextOptions {
  key?: string | null;
}

/** A tab of its own, which has the key already unless `key` is null. */
export async function openPage(
  browser: Browser,
  url: string,
  { key = ADMIN_KEY, ...options }: PageOptions = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  if (key !== null) await context.addInitScript(`sessionStorage.setItem('mem-api-key', ${JSON.stringify(key)})`);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });

  return {
    page,
    complaints,
    go: async (query) => {
      await page.goto(url + query);
      await page.locator('#main[aria-busy=false], #main:not([aria-busy])').waitFor();
    },
    async findFaults() {
      await page.evaluate(axe.source);
      const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
        'axe.run(document, { resultTypes: ["violations"] })',
      );
      return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
    },
    close: () => context.close(),
  };
}
