import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { fetchConfig, type FetchedConfig } from '../../../sdk/src/config.ts';
import { mergeDefinition, type ExperimentConfig } from '../../../sdk/src/config/merge.ts';
import { createMemoryStore } from '../../../sdk/src/experiment/assignment.ts';
import { defineExperiment } from '../../../sdk/src/experiment/definition.ts';
import { percent } from '../../../sdk/src/rollout.ts';
import { recordExperiments } from '../../support/sdk/experiments.ts';

const URL = 'https://mem.example/v1/config?namespace=shop';
const AT = '2026-11-26T10:00:00.000Z';

const offer = defineExperiment({
  name: 'offer',
  variants: { control: () => 'old', gift: () => 'new' },
  rollout: percent({ control: 50, gift: 50 }),
});

const originalFetch = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = originalFetch;
});

/** What the endpoint answers next; a test may change it. */
function answer(respond: (init: RequestInit) => Response | Promise<Response>) {
  const asked = jest.fn((_url: unknown, init?: RequestInit) => Promise.resolve(respond(init ?? {})));
  globalThis.fetch = asked;
  return asked;
}

const body = (config: Omit<ExperimentConfig, 'definedAt'>, version = 1) =>
  JSON.stringify({ namespace: 'shop', version, experiments: { offer: { definedAt: AT, ...config } } });

const initial = (config: Omit<ExperimentConfig, 'definedAt'>) => ({
  version: 1,
  experiments: { offer: { definedAt: AT, ...config } },
});

const of = (config: Omit<ExperimentConfig, 'definedAt'>, refreshSeconds = 3_600): FetchedConfig =>
  fetchConfig(URL, { initial: initial(config), refreshSeconds });

const variantOf = async ({ for: visit }: ReturnType<typeof recordExperiments>, userId: number, attributes = {}) =>
  (await visit(offer, { userId }, { attributes }).assign()).variant;

const manyVariants = (experiments: ReturnType<typeof recordExperiments>, count: number) =>
  Promise.all(Array.from({ length: count }, (_, i) => experiments.for(offer, { userId: i + 1 }).assign()));

describe('what the config decides', () => {
  test('nothing about an experiment that it does not name, nor anything that it does not say', async () => {
    answer(() => new Response(body({})));
    const plain = recordExperiments();
    const configured = recordExperiments({ config: of({}) });
    for (let id = 1; id <= 50; id++) expect(await variantOf(configured, id)).toBe(await variantOf(plain, id));
  });

  test('draft and stopped: the control for everybody, nobody is counted, and the trace says why', async () => {
    answer(() => new Response('{}', { status: 500 }));
    for (const status of ['draft', 'stopped']) {
      const experiments = recordExperiments({ config: of({ status }) });
      const visit = experiments.for(offer, { userId: 1 });
      expect(await visit.assign()).toMatchObject({ variant: 'control', reason: 'disabled', detail: status });
      expect(await visit.run()).toBe('old');
      expect(experiments.events).toEqual([]);
    }
  });

  test('shipped: the winner for everybody, also for who is excluded, and nobody is counted', async () => {
    const experiments = recordExperiments({ config: of({ status: 'stopped', winner: 'gift' }) });
    const visit = experiments.for({ ...offer, exclude: [() => true] }, { userId: 1 });
    expect(await visit.assign()).toMatchObject({ variant: 'gift', detail: 'shipped', tracked: false });
    expect(await visit.run()).toBe('new');
    expect(experiments.events).toEqual([]);
    const older = recordExperiments({ config: of({ status: 'stopped', winner: 'of a later release' }) });
    expect(await older.for(offer, { userId: 1 }).assign()).toMatchObject({ variant: 'control', detail: 'stopped' });
  });

  test('weights, by name and in any unit; a share whose variant the code does not have is nobody’s', async () => {
    const shares = async (weights: Record<string, number>) => {
      const found = await manyVariants(recordExperiments({ config: of({ weights }) }), 1_000);
      const counted = found.filter(({ tracked }) => tracked);
      return [counted.length / 1_000, counted.filter(({ variant }) => variant === 'gift').length / 1_000];
    };
    const [all = 0, gift = 0] = await shares({ gift: 3, control: 1 });
    expect([all, gift]).toEqual([1, expect.closeTo(0.75, 1)]);
    const [covered = 0] = await shares({ control: 1, gift: 1, later: 2 });
    expect(covered).toBeCloseTo(0.5, 1);
    expect((await shares({ unknown: 1 }))[1]).toBeCloseTo(0.5, 1); // nothing that can be used: as the code says
  });

  test('a rule: who does not fit sees the control and is not counted', async () => {
    const experiments = recordExperiments({ config: of({ targeting: { country: { $in: ['DE'] } } }) });
    const reasonOf = async (attributes: object) =>
      (await experiments.for(offer, { userId: 1 }, { attributes }).assign()).reason;
    expect([await reasonOf({ country: 'DE' }), await reasonOf({ country: 'FR' }), await reasonOf({})]).toEqual([
      'split',
      'excluded',
      'excluded',
    ]);
  });

  test('which definition has decided is told with the exposure, and not with goals', async () => {
    const experiments = recordExperiments({ config: of({ coverage: 1 }) });
    const visit = experiments.for(offer, { userId: 1 });
    await visit.run();
    await visit.track('bought');
    expect(experiments.events.map(({ definedAt }) => definedAt)).toEqual([AT, undefined]);
  });

  test('100,000 visitors: ramp up moves nobody, and ramp down shows nobody another variant', () => {
    const ids = Array.from({ length: 100_000 }, (_, i) => `visitor ${i}`);
    const at = (coverage: number) => {
      const { rollout, name } = mergeDefinition(offer, { definedAt: AT, coverage, weights: { control: 1, gift: 2 } });
      return ids.map((id) => rollout?.choose({ name, id, variants: ['control', 'gift'], coverage }));
    };
    const [low, high] = [at(0.1), at(0.5)];
    expect(low.filter((variant, i) => variant !== undefined && variant !== high[i])).toEqual([]);
    expect(high.filter((variant) => variant !== undefined).length / ids.length).toBeCloseTo(0.5, 2);
    expect(high.filter((variant) => variant === 'gift').length / ids.length).toBeCloseTo(1 / 3, 2);
  });

  test('ramp down lets who is remembered keep theirs, and nobody else is counted', async () => {
    const store = createMemoryStore();
    const at = (coverage: number, stickyStore = createMemoryStore()) =>
      manyVariants(recordExperiments({ config: of({ coverage }), stickyStore }), 500);
    const high = await at(0.5, store);
    const remembered = await at(0.1, store);
    expect(high.filter(({ tracked, variant }, i) => tracked && remembered[i]?.variant !== variant)).toEqual([]);
    const forgotten = await at(0.1);
    expect(forgotten.filter(({ tracked, variant }) => !tracked && variant !== 'control')).toEqual([]);
    expect(forgotten.filter(({ tracked }) => tracked).length).toBeLessThan(100);
  });
});

describe('fetching', () => {
  test('takes a later answer, without a restart', async () => {
    answer(() => new Response(body({ status: 'stopped' }, 2)));
    const config = of({});
    const experiments = recordExperiments({ config });
    await config.update();
    expect(await experiments.for(offer, { userId: 1 }).assign()).toMatchObject({ detail: 'stopped' });
  });

  test('asks a server’s next time for what has changed, and keeps what has not', async () => {
    const asked = answer(({ headers }) =>
      headers === undefined
        ? new Response(body({ status: 'stopped' }), { headers: { etag: 'W/"1"' } })
        : new Response(null, { status: 304 }),
    );
    const config = fetchConfig(URL, { refreshSeconds: 3_600 });
    await config.update();
    await config.update();
    expect(asked.mock.calls.at(-1)?.[1]?.headers).toEqual({ 'if-none-match': 'W/"1"' });
    const experiments = recordExperiments({ config });
    expect(await experiments.for(offer, { userId: 1 }).assign()).toMatchObject({ detail: 'stopped' });
  });

  test.each<[string, () => Response | Promise<Response>, RegExp]>([
    ['is down', () => Promise.reject(new TypeError('fetch failed')), /fetch failed/],
    ['is not there', () => new Response('no', { status: 404 }), /http_404/],
    ['answers rubbish', () => new Response('<html>'), /JSON/],
    ['answers something else', () => new Response('[]'), /something else/],
    ['answers weights that are none', () => new Response(body({ weights: { gift: -1 } }, 9)), /something else/],
    ['answers a coverage that is none', () => new Response(body({ coverage: 5 }, 9)), /something else/],
    ['answers an older version', () => new Response(body({ status: 'draft' }, 1)), /version 1 after 2/],
    ['answers 10 MB', () => new Response(`"${'x'.repeat(10_000_000)}"`), /10000002 characters/],
  ])('that fails as the endpoint %s leaves everything as it was, and tells it once', async (_, respond, reason) => {
    answer(() => new Response(body({ status: 'stopped' }, 2)));
    const config = fetchConfig(URL, { refreshSeconds: 3_600 });
    await config.update();
    answer(respond);
    await config.update();
    const experiments = recordExperiments({ config });
    await config.update();
    expect(await experiments.for(offer, { userId: 1 }).assign()).toMatchObject({ detail: 'stopped' });
    expect(experiments.errors.map(String)).toEqual([expect.stringMatching(reason)]);
    expect(String(experiments.errors[0])).toContain(URL);

    answer(() => new Response(body({ status: 'draft' }, 3)));
    await config.update();
    expect(await experiments.for(offer, { userId: 1 }).assign()).toMatchObject({ detail: 'draft' });
    answer(respond);
    await config.update();
    expect(experiments.errors.map(String)).toHaveLength(2);
  });

  test('that takes too long is given up, and nobody has waited', async () => {
    answer(
      ({ signal }) =>
        new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    const config = fetchConfig(URL, { timeoutMs: 20 });
    const experiments = recordExperiments({ config });
    expect((await experiments.for(offer, { userId: 1 }).assign()).reason).toBe('split');
    await config.update();
    expect(experiments.errors.map(String)).toEqual([expect.stringContaining('no answer within 20 ms')]);
  });

  test('from what is no URL is an error where it is made', () => {
    expect(() => fetchConfig('shop.example/v1/config')).toThrow(
      'Expected a URL of a config, got "shop.example/v1/config".',
    );
  });
});
