import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../support/page/chromium.ts';
import { openPage, type OpenPage } from '../../support/page/dashboard-page.ts';
import { startDashboard, type DashboardServer } from '../../support/page/dashboard-server.ts';
import { all, HOSTILE } from '../../support/report/example-experiments.ts';

let server: DashboardServer;
let browser: Browser;

beforeAll(async () => {
  [server, browser] = await Promise.all([startDashboard(), launchChromium()]);
  server.stores.plans = all;
});
afterAll(async () => {
  await browser.close();
  await server.close();
});

/** Every state of the page, and a text that is there once it is. */
const states: [string, string, string][] = [
  ['the list', '', 'pricing-page'],
  ['an empty namespace', '?namespace=nothing', 'Nothing received yet'],
  ['a winner, a loser and guardrails', '?experiment=checkout-button', 'Guardrails'],
  ['the Bayesian method', '?experiment=checkout-button&method=bayesian', 'Chance above'],
  ['one segment', '?experiment=checkout-button&segment=platform%3Dios', 'platform=ios'],
  ['the forest plot', '?experiment=checkout-button&view=forest', 'n_purchase'],
  ['all charts', '?experiment=checkout-button&view=forest&stacked=1&set=guardrail', 'visitor=new'],
  ['the time charts', '?experiment=checkout-button&view=time', 'Lift, cumulative'],
  ['the planner of an experiment', '?experiment=checkout-button&view=planner', 'Fixed horizon'],
  ['every warning of the counts', '?experiment=pricing-page', 'Participants do not split as configured'],
  ['too early', '?experiment=headline-tone', 'Too early'],
  ['below the minimum', '?experiment=footer-links', 'Needs data'],
  ['participants, but no goal', '?experiment=search-ranking', 'Participants, but no goal yet'],
  ['nothing received', '?experiment=winter-sale', 'Waiting for the first event'],
  ['counts of Gimel', '?experiment=newsletter-box', 'counted by Gimel'],
  ['the time charts beside counts of Gimel', '?experiment=newsletter-box&view=time', 'Imported counts have no days'],
  ['a decision', '?experiment=login-form', 'Kept for everybody'],
  ['hostile names', `?experiment=${encodeURIComponent(HOSTILE)}`, HOSTILE],
  ['hostile names in the forest plot', `?view=forest&experiment=${encodeURIComponent(HOSTILE)}`, HOSTILE],
  ['the planner', '?view=planner', 'Smallest lift worth knowing'],
];

const looks = [
  { colorScheme: 'light', width: 1440 },
  { colorScheme: 'dark', width: 360 },
] as const;

describe.each(looks)('at $width pixels, $colorScheme', ({ colorScheme, width }) => {
  let tab: OpenPage;
  beforeAll(async () => {
    tab = await openPage(browser, server.url, { colorScheme, viewport: { width, height: 900 } });
  });
  afterAll(() => tab.close());

  test.each(states)('%s: accessible, no wider than the screen, within the policy', async (_, query, text) => {
    await tab.go(query);
    await tab.page.getByText(text).first().waitFor({ state: 'attached' });
    expect(await tab.findFaults()).toEqual([]);
    expect(tab.complaints).toEqual([]);
    const wider = await tab.page.evaluate<number>('document.documentElement.scrollWidth - innerWidth');
    expect(wider).toBeLessThanOrEqual(0);
  });
});

// The colours of the other two combinations: what they could break is contrast.
test.each([
  { colorScheme: 'dark', width: 1440 },
  { colorScheme: 'light', width: 360 },
] as const)('the fullest pages are accessible at $width pixels, $colorScheme, too', async ({ colorScheme, width }) => {
  const { go, findFaults, close } = await openPage(browser, server.url, {
    colorScheme,
    viewport: { width, height: 900 },
  });
  for (const query of [
    '',
    '?experiment=checkout-button',
    '?experiment=pricing-page',
    '?experiment=checkout-button&view=forest',
  ]) {
    await go(query);
    expect(await findFaults()).toEqual([]);
  }
  await close();
});

test('the policy allows nothing inline and nobody else', async () => {
  const response = await fetch(server.url);
  const policy = response.headers.get('content-security-policy') ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('unsafe');
  expect(policy).not.toContain('http');
  const html = await response.text();
  expect(html).not.toMatch(/<style|style=|<script(?![^>]*src=)|https?:/);
});
