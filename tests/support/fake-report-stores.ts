import type { StoredDefinition } from '../../shared/definitions.ts';
import type { ExperimentRef } from '../../shared/experiment-id.ts';
import { experimentId } from '../../shared/experiment-id.ts';
import type { ReportDeps } from '../../functions/report/routes.ts';
import { createMemoryNameLists } from './memory-names.ts';
import { fakeCounts, type CountPlan } from './fake-counts.ts';

export const READ_KEY = 'reader';
export const ADMIN_KEY = 'local';

/** What the stores hold; a test may change it at any time. */
export interface FakeStores {
  plans: CountPlan[];
  /** Counters were lost before this time, ms. */
  countedSince?: number;
  rebuilding: boolean;
  /** Every question fails, as in an outage. */
  down: boolean;
}

export function emptyStores(): FakeStores {
  return { plans: [], rebuilding: false, down: false };
}

/** The real routes over these: only the stores are not real, so that every state can be had at once. */
export function fakeReportDeps(stores: FakeStores): ReportDeps {
  const refOf = ({ namespace = 'alephbet', name }: CountPlan): ExperimentRef => ({ namespace, experiment: name, incarnation: 0 });
  const find = (namespace: string, experiment: string) =>
    stores.plans.find((plan) => plan.name === experiment && (plan.namespace ?? 'alephbet') === namespace);
  const countsOf = (ref: ExperimentRef) => {
    if (stores.down) throw new Error('the stores are down');
    const plan = find(ref.namespace, ref.experiment);
    return plan && fakeCounts(plan, Date.now());
  };
  const counted = () => stores.plans.filter(({ participants }) => Object.keys(participants).length > 0);
  const newest = () => Math.max(...counted().map((plan) => countsOf(refOf(plan))?.span?.last ?? 0));
  const remove = (namespace: string, experiment: string) => {
    stores.plans = stores.plans.filter((plan) => plan !== find(namespace, experiment));
    return Promise.resolve();
  };

  return {
    apiKeys: { roleOf: (key) => Promise.resolve(key === ADMIN_KEY ? 'admin' : key === READ_KEY ? 'read' : undefined) },
    counters: {
      generation: () => (stores.down ? Promise.reject(new Error('the stores are down')) : Promise.resolve('g1')),
      experiments: () => Promise.resolve(counted().map(refOf)),
      counts: () => Promise.resolve([]),
      days: (_, ref) => Promise.resolve(countsOf(ref)?.days ?? []),
      moments: () => Promise.resolve(new Map()),
      uniques: (_, ref, pairs) => {
        const counts = countsOf(ref)?.tally.counts ?? {};
        const countOf = (variant: string, event: string) => Number(counts[[variant, event].map(encodeURIComponent).join(':')] ?? 0);
        return Promise.resolve(pairs.map(({ variant, event }) => Math.round(countOf(variant, event) * 0.996)));
      },
      remove: (_, ref) => remove(ref.namespace, ref.experiment),
    },
    tallies: {
      experiments: () => {
        const spans = counted().flatMap((plan) => {
          const span = countsOf(refOf(plan))?.span;
          return span ? [[experimentId(refOf(plan)), span] as const] : [];
        });
        return Promise.resolve({ refs: counted().map(refOf), spans: new Map(spans), newest: newest() });
      },
      tallies: (_, refs) => Promise.resolve(refs.map((ref) => countsOf(ref)?.tally ?? { counts: {}, moments: {} })),
      activity: (_, ref) => Promise.resolve({ span: countsOf(ref)?.span, newest: newest() }),
      newest: () => Promise.resolve(newest()),
      watermarks: () => Promise.resolve(new Map([['shard', '100']])),
    },
    definitions: {
      read: (namespace, experiment) => {
        const plan = find(namespace, experiment);
        return Promise.resolve(plan && toStored(plan));
      },
      readMany: () => Promise.resolve(new Map()),
      readAll: (namespace) =>
        Promise.resolve(stores.plans.filter((plan) => namespace === undefined || (plan.namespace ?? 'alephbet') === namespace).flatMap((plan) => toStored(plan) ?? [])),
      write: (namespace, experiment, definition) => {
        const known = find(namespace, experiment);
        if (known) known.definition = definition;
        else stores.plans.push({ namespace, name: experiment, participants: {}, days: 0, definition });
        return Promise.resolve(Date.now());
      },
      remove,
    },
    deletions: {
      read: () => Promise.resolve(new Map()),
      readAll: () => Promise.resolve(new Map()),
      delete: () => Promise.resolve({ number: 1, since: Date.now() }),
    },
    nameLists: createMemoryNameLists(),
    losses: {
      read: () => Promise.resolve(stores.countedSince === undefined ? [] : [{ shard: 'shard', generation: 'g1', from: '1', to: '2', countedSince: stores.countedSince }]),
    },
    checkpoints: { readAll: () => Promise.resolve(new Map(stores.rebuilding ? [['shard', { first: '1', sequence: '200' }]] : [])) },
    now: Date.now,
    onError: () => undefined,
  };
}

function toStored(plan: CountPlan): StoredDefinition | undefined {
  const { namespace = 'alephbet', name, definition, faults = [] } = plan;
  if (!definition && faults.length === 0) return undefined;
  return { namespace, experiment: name, writtenAt: Date.now(), definition, faults };
}
