import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { servePage, type AdapterName, type PageExperiment, type PageRun } from '../support/page/alephbet-page.ts';
import { launchChromium } from '../support/page/chromium.ts';
import { readExperiments, waitUntilCounted, type GimelExperiment } from '../support/local/local-client.ts';
import { startLocalSystem, type LocalSystem } from '../support/local/local-system.ts';
import { waitUntil } from '../support/wait-until.ts';

const NAMES = ['plain', 'two words', 'a/b', 'ns:exp', 'x & y', '1+1', `"double" and 'single'`, 'ניסוי', '100%', '?#='];

/** Experiments in whose names, variants and goals all of those characters come up. */
const experiments = NAMES.map((name, index): PageExperiment => {
  const other = NAMES[(index + 1) % NAMES.length] ?? '';
  return { name: `exp ${name}`, variants: [`${other} red`, `${name} blue`], goal: `${other} clicked` };
});

describe('a site with Alephbet 0.27.0 in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
  let system: LocalSystem;
  let site: Awaited<ReturnType<typeof servePage>>;
  let browser: Browser;
  beforeAll(async () => {
    [system, site, browser] = await Promise.all([startLocalSystem({ folder }), servePage(), launchChromium()]);
  });
  afterAll(async () => {
    await browser.close();
    await site.close();
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each<AdapterName>(['AlephbetAdapter', 'GimelAdapter', 'LamedAdapter'])(
    'what %s sends is counted once each, whatever the names, and no second time after a reload',
    async (adapter) => {
      const page = await newVisitor();
      const chosen = await run(page, { adapter, namespace: adapter, experiments });
      await waitUntilSent(page);
      await waitUntilCounted(system.url);
      expect(await readExperiments(system.url, adapter)).toEqual(onceEach(chosen));

      await page.reload();
      expect(await run(page, { adapter, namespace: adapter, experiments })).toEqual(chosen);
      await waitUntilSent(page);
      await waitUntilCounted(system.url);
      expect(await readExperiments(system.url, adapter)).toEqual(onceEach(chosen));
      await page.context().close();
    },
  );

  test.each<AdapterName>(['AlephbetAdapter', 'GimelAdapter', 'LamedAdapter'])(
    'a user whom the site knows is counted once by %s, though on two devices',
    async (adapter) => {
      const namespace = `${adapter} with users`;
      const known = experiments.slice(0, 3).map((experiment) => ({ ...experiment, userId: 'yuzu' }));
      const [chosen, again] = [await visit(adapter, namespace, known), await visit(adapter, namespace, known)];
      expect(again).toEqual(chosen);
      await waitUntilCounted(system.url);
      expect(await readExperiments(system.url, namespace)).toEqual(onceEach(chosen, known));
    },
  );

  test('what AlephbetAdapter could not send while the system was down is counted once it is up again', async () => {
    const namespace = 'down';
    const page = await newVisitor();
    await system.stop();
    const chosen = await run(page, { adapter: 'AlephbetAdapter', namespace, experiments });
    expect(await waitingIn(page)).toBe(2 * experiments.length);

    system = await startLocalSystem({ folder, port: system.port });
    await page.reload();
    expect(await run(page, { adapter: 'AlephbetAdapter', namespace, experiments })).toEqual(chosen);
    await waitUntilSent(page);
    await waitUntilCounted(system.url);
    expect(await readExperiments(system.url, namespace)).toEqual(onceEach(chosen));
  });

  /** A browser that has never been on the site. */
  async function newVisitor(): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    await page.goto(site.url);
    return page;
  }

  async function visit(adapter: AdapterName, namespace: string, chosenFrom: PageExperiment[]): Promise<Chosen> {
    const page = await newVisitor();
    const chosen = await run(page, { adapter, namespace, experiments: chosenFrom });
    await waitUntilSent(page);
    await page.context().close();
    return chosen;
  }

  function run(page: Page, how: Omit<PageRun, 'trackUrl'>): Promise<Chosen> {
    const given: PageRun = { ...how, trackUrl: `${system.url}/track` };
    return page.evaluate(`run(${JSON.stringify(given)})`);
  }
});

/** Experiment -> the variant that the visitor got. */
type Chosen = Record<string, string>;

function waitingIn(page: Page): Promise<number> {
  return page.evaluate('waiting()');
}

async function waitUntilSent(page: Page): Promise<void> {
  await waitUntil('every event of the page has got its 200', async () => (await waitingIn(page)) === 0);
}

/** The report where each visitor was seen once and reached the goal once. */
function onceEach(chosen: Chosen, of = experiments): GimelExperiment[] {
  return of
    .map(({ name, goal }) => {
      const label = chosen[name] ?? '';
      return { experiment: name, goals: [{ goal, results: [{ label, successes: 1, trials: 1 }] }] };
    })
    .sort((a, b) => (a.experiment < b.experiment ? -1 : 1));
}
