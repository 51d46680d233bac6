// The system of `npm start`, as far as the SDK's tests look at it: where events go, and what has been counted.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import type { ExperimentAnswer } from '../../../shared/contract/answers.ts';
import { readConsumerConfig } from '../../../shared/runtime/config.ts';
import { connectStores, type AllStores } from '../../../shared/stores/connect.ts';
import { EXPOSURE } from '../../../shared/contract/event.ts';
import { fieldOf } from '../../../shared/contract/experiment-id.ts';
import { readReport, waitUntilCounted } from '../local/local-client.ts';
import { startLocalSystem, type LocalSystem } from '../local/local-system.ts';

export interface CounterName {
  readonly namespace: string;
  readonly experiment: string;
  readonly variant: string;
  readonly event: string;
}

export interface VisitorMetrics {
  /** Units that were exposed. */
  readonly exposed: number;
  /** Units that were seen in another variant as well. */
  readonly crossedOver: number;
  /** Units that reached the goal after their exposure. */
  readonly converted: number;
  /** How often they reached it. */
  readonly times: number;
  /** What it was worth, over all of these. */
  readonly worth: number;
}

export interface Backend {
  /** Where the SDK sends to. */
  readonly endpoint: string;
  /** Resolves when everything that has got its 200 is counted: from then on a count is final. */
  settle(): Promise<void>;
  /** How many different events of this name have been counted, as the report says. */
  count(name: CounterName): Promise<number>;
  /** The per-visitor figures of a goal. */
  visitors(name: CounterName): Promise<VisitorMetrics>;
}

/** Starts the system before the tests of this file and stops it after them. It takes seconds: call it once. */
export const useBackend = (): Backend => {
  const folder = mkdtempSync(join(tmpdir(), 'mem-sdk-'));
  let system: LocalSystem;
  let stores: AllStores;

  beforeAll(async () => {
    system = await startLocalSystem({ folder, settings: { MEM_LIMITS: '{"namespaces":1000}' } }); // each test has one of its own
    const settings = JSON.parse(readFileSync(join(folder, 'system.json'), 'utf8')) as Record<string, string>;
    // What fails rejects: there is nothing to add to that.
    stores = await connectStores(readConsumerConfig(settings), () => undefined);
  });
  afterAll(async () => {
    stores.close();
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  return {
    get endpoint() {
      return system.url;
    },
    settle: () => waitUntilCounted(system.url),
    async count({ namespace, experiment, variant, event }) {
      const { variants, goals } = await readAnswer(system.url, namespace, experiment);
      if (event === EXPOSURE) return variants.find(({ name }) => name === variant)?.participants ?? 0;
      const results = goals.find(({ name }) => name === event)?.results ?? [];
      return results.find((result) => result.variant === variant)?.count ?? 0;
    },
    async visitors({ namespace, experiment, variant, event }) {
      const { variants, goals, metrics } = await readAnswer(system.url, namespace, experiment);
      const { units, crossovers } = variants.find(({ name }) => name === variant) ?? {};
      const onVisitors = [...goals, ...metrics].find(({ name, metric }) => name === event && metric === 'n');
      const { converted } = onVisitors?.results.find((result) => result.variant === variant) ?? {};
      // Of few visitors the report shows no means: the sums are looked up where they are stored.
      const generation = (await stores.counterReader.generation()) ?? '';
      const moments = await stores.counterReader.moments(generation, { namespace, experiment, incarnation: 0 });
      const [, times = 0, , worth = 0] = moments.get(fieldOf(variant, event)) ?? [];
      return { exposed: units ?? 0, crossedOver: crossovers ?? 0, converted: converted ?? 0, times, worth };
    },
  };
};

const NOTHING: Pick<ExperimentAnswer, 'variants' | 'goals' | 'metrics'> = { variants: [], goals: [], metrics: [] };

const readAnswer = (url: string, namespace: string, experiment: string) =>
  readReport(`${url}/v1/experiment?${new URLSearchParams({ namespace, experiment }).toString()}`, NOTHING);
