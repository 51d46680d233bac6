import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../support/page/chromium.ts';
import { openPage, type OpenPage, type PageOptions } from '../../support/page/dashboard-page.ts';
import { startDashboard, type DashboardServer } from '../../support/page/dashboard-server.ts';
import { all, awaited, checkout, undecided } from '../../support/report/example-experiments.ts';
import { READ_KEY } from '../../support/report/fake-report-stores.ts';
import { waitUntil } from '../../support/wait-until.ts';

let server: DashboardServer;
let browser: Browser;
let tab: OpenPage;

beforeAll(async () => {
  [server, browser] = await Promise.all([startDashboard(), launchChromium()]);
});
afterAll(async () => {
  await browser.close();
  await server.close();
});
beforeEach(() => {
  Object.assign(server.stores, { plans: all.map((plan) => ({ ...plan })), down: false, rebuilding: false });
});
afterEach(() => tab.close());

async function open(query: string, options?: PageOptions) {
  tab = await openPage(browser, server.url, options);
  await tab.go(query);
  return tab.page;
}

const param = (page: { url: () => string }, name: string) => new URL(page.url()).searchParams.getAll(name);

test('the key is asked for, a wrong one is refused, and a right one stays with the tab', async () => {
  const page = await open('', { key: null });
  await page.getByText('On this machine the key is').waitFor();
  await page.getByLabel('API key').fill('wrong');
  await page.keyboard.press('Enter');
  await page.getByText('That key was refused').waitFor();
  await page.getByRole('button', { name: 'Use it' }).click();
  await page.getByRole('link', { name: 'checkout-button' }).waitFor();
  await page.reload();
  await page.getByRole('link', { name: 'checkout-button' }).waitFor();
});

test('the first event makes the empty list, the empty experiment and a missing goal come alive without a reload', async () => {
  server.stores.plans = [];
  const page = await open('');
  await page.evaluate('window.neverReloaded = true');
  await page.getByText('Waiting for the first event').waitFor();
  server.stores.plans = [{ name: 'button', participants: { blue: 1 }, days: 1 }];
  await page.getByRole('link', { name: 'button' }).click();
  await page.getByText('Waiting for the first goal').waitFor();
  server.stores.plans = [
    { name: 'button', participants: { blue: 20 }, goals: { sale: { rates: { blue: 0.5 } } }, days: 1 },
  ];
  await page.getByText('10 / 20').waitFor();

  await page.getByRole('link', { name: 'Experiments' }).first().click();
  await page.getByRole('link', { name: 'button' }).waitFor();
  expect(await page.evaluate('window.neverReloaded')).toBe(true);
});

test('an experiment that is defined but silent shows its first event', async () => {
  const page = await open(`?experiment=${awaited.name}`);
  await page.getByText('Expected variants').waitFor();
  server.stores.plans = [{ ...awaited, participants: { control: 3, snow: 2 }, days: 1 }];
  await page.getByText('5 participants', { exact: true }).waitFor();
});

test('an experiment that never was is said, with names that are near, and comes alive with its first event', async () => {
  const page = await open('?experiment=chekout-button');
  await page.getByText('Nothing is known of this experiment').waitFor();
  expect(await page.getByText('Running').count()).toBe(0);
  await page.getByRole('link', { name: 'checkout-button' }).click();
  await page.getByText('Guardrails').first().waitFor();
  await page.goBack();
  await page.getByText('Nothing is known of this experiment').waitFor();
  server.stores.plans.push({ name: 'chekout-button', participants: { blue: 1 }, days: 1 });
  await page.getByText('Waiting for the first goal').waitFor();
});

test('a link whose baseline, segment and goals were renamed finds its way, and says what it named', async () => {
  const parts = ['baseline', 'segment', 'goal', 'only'];
  const page = await open(`?experiment=checkout-button&${parts.map((part) => `${part}=old%20${part}`).join('&')}`);
  await page.getByText('old baseline').first().waitFor();
  // What is said of a link stands beside what the page says of its parts while it loads.
  for (const part of ['segment', 'goal', 'only']) await page.getByText(`old ${part}`).first().waitFor();
  await page.getByText('Guardrails').first().waitFor();
  expect(parts.flatMap((part) => param(page, part))).toEqual([]);
});

test('what is printed is light, also of a dark page', async () => {
  const page = await open('?experiment=checkout-button', { colorScheme: 'dark' });
  await page.getByText('Guardrails').first().waitFor();
  const brightness = () =>
    page.evaluate<number[]>('getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)');
  expect(Math.max(...(await brightness()))).toBeLessThan(64);
  await page.emulateMedia({ media: 'print' });
  expect(Math.min(...(await brightness()))).toBe(255);
});

test('an outage keeps the last figures, says so, and ends by itself or at a press', async () => {
  const page = await open(`?experiment=${checkout.name}`);
  server.stores.down = true;
  await page.getByLabel('Method').selectOption('fixed');
  await page.getByText('The figures below are of').waitFor();
  await page.getByText('1,238 / 24,180').waitFor();
  server.stores.down = false;
  await page.getByRole('button', { name: 'Try now' }).click();
  await page.getByText('The figures below are of').waitFor({ state: 'detached' });
});

test('what the counters suffer from is said', async () => {
  server.stores.rebuilding = true;
  server.stores.countedSince = Date.UTC(2026, 10, 25); // later than its first event
  const page = await open(`?experiment=${undecided.name}`);
  await page.getByText('The counters are being rebuilt').waitFor();
  await page.getByText('Counts are whole only since').waitFor();
  delete server.stores.countedSince;
});

test('with the keyboard alone: search, open, walk through the forest plot, and come back', async () => {
  const page = await open('');
  await page.keyboard.press('Tab');
  expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
  await page.getByRole('searchbox').focus();
  await page.keyboard.type('checkout');
  await page.getByRole('link', { name: 'pricing-page' }).waitFor({ state: 'detached' });
  expect(param(page, 'search')).toEqual(['checkout']);
  await page.getByRole('link', { name: 'checkout-button' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'All metrics' }).focus();
  await page.keyboard.press('Enter');

  const rows = page.locator('.forest-row');
  await rows.first().focus();
  await page.getByText('Difference ± SE').waitFor();
  await page.keyboard.press('ArrowDown');
  await rows.nth(1).and(page.locator(':focus')).waitFor();
  expect(await rows.nth(1).getAttribute('aria-label')).toContain('one step');
  await page.keyboard.press('Escape');
  await page.getByText('Difference ± SE').waitFor({ state: 'detached' });

  await page.goBack();
  await page.goBack();
  await page.getByRole('searchbox').waitFor();
  expect(await page.getByRole('searchbox').inputValue()).toBe('checkout');
});

test('the forest plot mutes variants, leaves out metrics, and a link shows the same', async () => {
  const page = await open(`?experiment=${checkout.name}&view=forest`);
  await page.getByRole('button', { name: 'one step' }).click();
  await page.locator('summary', { hasText: 'Metrics' }).click();
  await page.getByRole('checkbox', { name: 'sum_purchase' }).uncheck();
  await page.getByLabel('Highlight significant').uncheck();
  expect(param(page, 'mute')).toEqual(['one step']);
  expect(param(page, 'without')).toHaveLength(1);
  const labels = () =>
    page.evaluate<string[]>(
      'Array.from(document.querySelectorAll(".forest-row"), (row) => row.getAttribute("aria-label"))',
    );
  const before = await labels();
  expect(before).toHaveLength(2);
  await page.reload();
  await page.locator('.forest-row').first().waitFor();
  expect(await labels()).toEqual(before);
});

test('charts are saved as SVG and PNG, tables as CSV', async () => {
  const page = await open(`?experiment=${checkout.name}&view=forest`);
  const save = async (menu: string, item: string) => {
    await page.locator('summary', { hasText: menu }).first().click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: item }).click(),
    ]);
    const chunks: Buffer[] = [];
    for await (const chunk of await download.createReadStream()) chunks.push(chunk as Buffer);
    return { name: download.suggestedFilename(), bytes: Buffer.concat(chunks) };
  };
  const svg = await save('Save', 'As SVG');
  expect(svg.name).toBe('checkout-button All visitors.svg');
  expect(svg.bytes.toString()).toMatch(/^<svg[^]*fill="rgb/);
  const png = await save('Save', 'As PNG');
  expect(png.bytes.subarray(1, 4).toString()).toBe('PNG');
  expect(png.bytes.length).toBeGreaterThan(5_000);
  const csv = await save('Export', 'Results as CSV');
  expect(csv.name).toBe('checkout-button results.csv');
  expect(csv.bytes.toString()).toContain('purchase');
  expect(tab.complaints).toEqual([]);
});

test('the dialog saves a definition, and deletes once the name is typed', async () => {
  const page = await open(`?experiment=${undecided.name}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByLabel('Hypothesis').fill('Warm words help.');
  await page.getByLabel('Baseline').last().selectOption('warm');
  await page.getByLabel('Set of signup').selectOption('guardrail');
  await page.getByLabel('How signup is measured').selectOption('Visitors who reached it');
  await page.getByLabel('Method').last().selectOption('Bayesian');
  await page.getByLabel('Smallest lift').fill('2.5 %');
  await page.getByLabel('Outcome').selectOption({ label: 'warm stays' });
  expect(await tab.findFaults()).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Warm words help.').waitFor();
  await page.getByText('Decided: warm stays').waitFor();
  await page.getByRole('heading', { name: 'Guardrails' }).waitFor();
  const stored = server.stores.plans.find(({ name }) => name === undecided.name)?.definition;
  expect(stored).toMatchObject({
    baseline: 'warm',
    goals: { guardrail: [{ name: 'signup', metric: 'pct' }] },
    decision: { variant: 'warm' },
    method: 'bayesian',
    smallestLift: 0.025,
  });

  await page.getByRole('button', { name: 'Edit' }).click();
  const remove = page.getByRole('button', { name: 'Delete' });
  await page.getByLabel('to delete it').fill('headline');
  expect(await remove.isDisabled()).toBe(true);
  await page.getByLabel('to delete it').fill(undecided.name);
  await remove.click();
  await page.getByRole('link', { name: 'checkout-button' }).waitFor();
  expect(await page.getByRole('link', { name: undecided.name }).count()).toBe(0);
});

test('the dialog does not write over what somebody else has saved meanwhile', async () => {
  const page = await open(`?experiment=${undecided.name}`);
  await page.getByRole('button', { name: 'Edit' }).click();
  const plan = server.stores.plans.find(({ name }) => name === undecided.name);
  Object.assign(plan ?? {}, { definition: { hypothesis: 'Theirs.' }, writtenAt: 1_800_000_000_000 });
  await page.getByLabel('Hypothesis').fill('Mine.');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('has been changed since it was read').waitFor();
  expect(plan?.definition).toEqual({ hypothesis: 'Theirs.' });
});

test('a read-only key may look, and is told why it may not save', async () => {
  const page = await open(`?experiment=${undecided.name}`, { key: READ_KEY });
  await page.getByRole('button', { name: 'Edit' }).click();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('expected an admin key').waitFor();
});

test('colours follow the system until the switch says otherwise, and that stays', async () => {
  const page = await open('', { colorScheme: 'dark' });
  const ground = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
  const dark = await ground();
  await page.getByRole('button', { name: /^Colours: as the system/ }).click();
  await waitUntil('the page is light', async () => (await ground()) !== dark);
  const light = await ground();
  await page.reload();
  await page.getByRole('button', { name: /^Colours: light/ }).waitFor();
  await waitUntil('the page is light again', async () => (await ground()) === light);
});

test('the day slider and the pointer choose the day of the time charts', async () => {
  const page = await open(`?experiment=${checkout.name}&view=time`);
  const slider = page.getByLabel('Day (UTC)');
  await slider.focus();
  await page.keyboard.press('Home');
  const day = () => page.locator('output').textContent();
  const first = await day();
  await page.keyboard.press('ArrowRight');
  await waitUntil('the next day is chosen', async () => (await day()) !== first);
  await page.locator('.day-bar').first().hover();
  await waitUntil('the first day is chosen', async () => (await day()) === first);
});

test('the planner answers as it is typed, and says what it cannot read', async () => {
  const page = await open('?view=planner', { key: null });
  const days = page.locator('.plan-days').last();
  const before = await days.textContent();
  await page.getByLabel('Participants a day').fill('2000');
  await waitUntil('the URL has it', () => Promise.resolve(param(page, 'daily').join() === '2000'));
  await waitUntil('the plan is another', async () => (await days.textContent()) !== before);
  await page.getByLabel('Rate of the baseline').fill('0');
  await page.getByText('Expected a percentage between 0 and 100.').waitFor();
});
