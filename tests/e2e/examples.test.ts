import { spawn, type ChildProcess } from 'node:child_process';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { launchChromium } from '../support/page/chromium.ts';
import { useBackend } from '../support/sdk/backend.ts';
import { waitUntil } from '../support/wait-until.ts';

const backend = useBackend();
const NAMESPACE = 'examples';

/** Starts an example, answers the address that it says, and is ended after the tests of its group. */
function useExample(args: string[]): { url: () => string } {
  let child: ChildProcess;
  let url = '';
  beforeAll(async () => {
    const env = { ...process.env, MEM_ENDPOINT: backend.endpoint, PORT: '0' };
    child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout?.on('data', (text: Buffer) => (said += text.toString()));
    await waitUntil(`${args.join(' ')} says where it is`, () => (url = /http:\/\/\S+/.exec(said)?.[0] ?? '') !== '');
  });
  afterAll(() => {
    child.kill();
  });
  return { url: () => url };
}

/** All variants together, as nobody can say which one a visitor gets. */
async function countOf(experiment: string, variants: readonly string[], event: string): Promise<number> {
  await backend.settle();
  const counts = await Promise.all(
    variants.map((variant) => backend.count({ namespace: NAMESPACE, experiment, variant, event })),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}

describe('the examples with a page', () => {
  let browser: Browser;
  const alephbet = useExample(['examples/serve.mjs', 'alephbet', '0']);
  const sdk = useExample(['examples/serve.mjs', 'sdk', '0']);
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  /** Opens the page as a new visitor, clicks where something is named, and stays until all is counted. */
  async function visit(url: string, click: string | undefined, isCounted: () => Promise<boolean>): Promise<void> {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${url}?${new URLSearchParams({ mem: backend.endpoint }).toString()}`);
    if (click !== undefined) await page.click(click);
    await waitUntil('the visit is counted', isCounted);
    await context.close();
  }

  test('Alephbet: two visitors are counted once each, and what one of them clicked', async () => {
    const variants = ['gray', 'green'];
    const counts = async () => [
      await countOf('button color', variants, 'participate'),
      await countOf('button color', variants, 'joined'),
    ];
    await visit(alephbet.url(), '#join', async () => isDeepStrictEqual(await counts(), [1, 1]));
    await visit(alephbet.url(), undefined, async () => isDeepStrictEqual(await counts(), [2, 1]));
    expect(await counts()).toEqual([2, 1]);
  });

  test('the SDK: a visitor is exposed and buys', async () => {
    const variants = ['control', 'bold'];
    const counts = async () => [
      await countOf('headline', variants, 'participate'),
      await countOf('headline', variants, 'bought'),
    ];
    await visit(sdk.url(), '#buy', async () => isDeepStrictEqual(await counts(), [1, 1]));
    expect(await counts()).toEqual([1, 1]);
  });
});

describe('the example with Express', () => {
  const shop = useExample(['scripts/run-typescript.mjs', 'examples/express/server.ts']);

  test('counts each user once, and every order', async () => {
    const variants = ['control', 'single'];
    const ask = (user: string, path: string, method = 'GET') =>
      fetch(new URL(path, shop.url()), { method, headers: { 'x-user': user } });
    for (const user of ['7', '8', '7']) expect(await (await ask(user, '/')).text()).toMatch(/^(Two steps|One step)$/);
    for (let i = 0; i < 2; i += 1) expect((await ask('7', '/order', 'POST')).status).toBe(201);

    await waitUntil(
      'all is counted',
      async () =>
        (await countOf('checkout', variants, 'ordered')) === 2 &&
        (await countOf('checkout', variants, 'participate')) === 2,
    );
  });
});
