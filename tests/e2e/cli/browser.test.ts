import { readFileSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { launchChromium } from '../../support/page/chromium.ts';
import { installMem, type InstalledMem } from '../../support/local/installed-mem.ts';
import { readExperiments, track, waitUntilCounted } from '../../support/local/local-client.ts';
import { startLocalSystem, type LocalSystem } from '../../support/local/local-system.ts';
import { bundleForBrowser } from '../../support/sdk/browser.ts';
import { waitUntil } from '../../support/wait-until.ts';

const HOSTILE = '<img src=x onerror=alert(1)>';

describe('what mem prints, in Chromium', () => {
  let installed: InstalledMem;
  let system: LocalSystem;
  let browser: Browser;
  beforeAll(async () => {
    [installed, browser] = await Promise.all([installMem(), launchChromium()]);
    const folder = join(installed.folder, '.mem');
    mkdirSync(folder);
    system = await startLocalSystem({ folder });
  });
  afterAll(async () => {
    await Promise.all([browser.close(), system.stop()]);
    installed.remove();
  });

  test.each([
    ['alephbet', { '/alephbet.min.js': readFileSync('node_modules/alephbet/dist/alephbet.min.js', 'utf8') }],
    ['sdk', { '/mem.min.js': bundleForBrowser('sdk/src/browser.ts') }],
  ])('the snippet for %s, put into a page as it is, counts', async (adapter, scripts) => {
    const { stdout } = await installed.mem(['snippet', '--adapter', adapter, '--namespace', adapter]);
    const site = await serve({ '/': `<!doctype html><title>A shop</title>${stdout}`, ...scripts });
    const page = await (await browser.newContext()).newPage();
    const failures: string[] = [];
    page.on('pageerror', (error) => failures.push(error.message));

    await page.goto(site.url);
    await waitUntil('a variant is shown', async () => (await shownIn(page)) !== '');
    await page.mouse.click(5, 5);
    const results = [{ label: (await shownIn(page)).replace('-button', ''), successes: 1, trials: 1 }];
    const expected = [{ experiment: 'button color', goals: [{ goal: 'clicked', results }] }];
    await waitUntil('the exposure and the click are counted', async () => {
      expect(await readExperiments(system.url, adapter)).toEqual(expected);
      return true;
    });
    expect(failures).toEqual([]);
    await page.context().close();
    await site.close();
  });

  test('the HTML report shows its verdicts without a network, and names in it are nothing but texts', async () => {
    const experiment = `${HOSTILE} "name" & more`;
    const visits = [`${HOSTILE}red`, 'blue'].flatMap((variant) =>
      Array.from({ length: 3 }, (_, i) => ({ experiment, variant, event: 'participate', uuid: `${variant} ${i}` })),
    );
    const goal = { experiment, variant: 'blue', event: `${HOSTILE}clicked`, uuid: 'clicked' };
    await Promise.all([...visits, goal].map((event) => track(system.url, event)));
    await waitUntilCounted(system.url);
    expect(await installed.mem(['report', experiment, '--html', 'report.html'])).toMatchObject({ code: 0 });

    const context = await browser.newContext({ offline: true });
    const page = await context.newPage();
    const heard: string[] = [];
    page.on('pageerror', (error) => heard.push(error.message));
    page.on('console', (message) => heard.push(message.text()));
    page.on('dialog', (dialog) => {
      heard.push(dialog.message());
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) heard.push(request.url());
    });
    await page.goto(pathToFileURL(join(installed.folder, 'report.html')).href);
    expect(heard).toEqual([]);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe(experiment);
    const { stdout } = await installed.mem(['report', experiment, '--json']);
    const { goals } = JSON.parse(stdout) as {
      goals: { results: { comparison: { verdict: { sentence: string } } | null }[] }[];
    };
    const sentences = goals.flatMap(({ results }) =>
      results.flatMap(({ comparison }) => comparison?.verdict.sentence ?? []),
    );
    expect(sentences.length).toBeGreaterThan(0);
    for (const sentence of sentences) await page.getByText(sentence, { exact: true }).first().waitFor();
    await context.close();
  });
});

/** The class that a snippet's variant gives the page. */
function shownIn(page: Page): Promise<string> {
  return page.evaluate('document.documentElement.className');
}

/** Serves texts by their path. */
async function serve(files: Record<string, string>): Promise<{ url: string; close: () => Promise<unknown> }> {
  const server = createServer(({ url = '/' }, response) => {
    response.setHeader('content-type', url.endsWith('.js') ? 'text/javascript' : 'text/html').end(files[url] ?? '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((closed) => server.close(closed)),
  };
}
