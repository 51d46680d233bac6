import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/page/chromium.ts';
import { openPage } from '../support/page/dashboard-page.ts';
import { startDashboard } from '../support/page/dashboard-server.ts';
import { checkout } from '../support/report/example-experiments.ts';

const VIEWPORT = { width: 1120, height: 1010 };

/** What the README and the docs show of the page: the real one, in Chromium, over example counts. */
const pictures = [
  { name: 'results', query: `?experiment=${checkout.name}`, text: 'Guardrails' },
  { name: 'forest', query: `?experiment=${checkout.name}&view=forest`, text: 'n_purchase' },
];

async function take(browser: Browser, url: string, folder: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const tab = await openPage(browser, url, { colorScheme, viewport: VIEWPORT, deviceScaleFactor: 1 });
  for (const { name, query, text } of pictures) {
    await tab.go(query);
    await tab.page.getByText(text).first().waitFor({ state: 'attached' });
    await tab.page.evaluate('document.fonts.ready');
    const path = join(folder, `${name}-${colorScheme}.png`);
    await tab.page.screenshot({ path, animations: 'disabled' });
    console.log(path);
  }
  await tab.close();
}

/** Takes all pictures anew: `npm run pictures`. */
export async function takePictures(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const [server, browser] = await Promise.all([startDashboard(), launchChromium()]);
  server.stores.plans = [checkout];
  try {
    await take(browser, server.url, folder, 'light');
    await take(browser, server.url, folder, 'dark');
  } finally {
    await browser.close();
    await server.close();
  }
}
