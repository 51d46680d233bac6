import { NOTHING_NOTICED } from '../../../shared/contract/report/ingest-notes.ts';
import type { StoredDefinition } from '../../../shared/counting/ports.ts';
import type { ExperimentRef } from '../../../shared/contract/experiment-id.ts';
import type { PackedTally, StoredTally } from '../../../shared/stores/redis/tally-reader.ts';
import type { ReportDeps } from '../../../functions/report/routes.ts';
import { createMemoryNameLists } from '../counting/memory-names.ts';
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
  const refOf = ({ namespace = 'alephbet', name }: CountPlan): ExperimentRef => ({
    namespace,
    experiment: name,
    incarnation: 0,
  });
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
    apiKeys: {
      roleOf: (key) => Promise.resolve(key === ADMIN_KEY ? 'admin' : key === READ_KEY ? 'read' : undefined),
      nameOf: (key) => Promise.resolve(key),
    },
    counters: {
      generation: () => (stores.down ? Promise.reject(new Error('the stores are down')) : Promise.resolve('g1')),
      experiments: () => Promise.resolve(counted().map(refOf)),
      counts: () => Promise.resolve([]),
      segments: () => Promise.resolve([]),
      totals: () => Promise.resolve(new Map()),
      days: (_, ref) => Promise.resolve(countsOf(ref)?.days ?? []),
      moments: () => Promise.resolve(new Map()),
      uniques: (_, ref, pairs) => {
        const counts = countsOf(ref)?.tally.counts ?? {};
        const countOf = (variant: string, event: string) =>
          Number(counts[[variant, event].map(encodeURIComponent).join(':')] ?? 0);
        return Promise.resolve(pairs.map(({ variant, event }) => Math.round(countOf(variant, event) * 0.996)));
      },
      forgetUnit: () => Promise.resolve([]),
      remove: (_, ref) => remove(ref.namespace, ref.experiment),
    },
    tallies: {
      namespace: (namespace) => {
        const refs = counted()
          .map(refOf)
          .filter((ref) => ref.namespace === namespace);
        const experiments = refs.map((ref) => ({
          ref,
          span: countsOf(ref)?.span,
          tally: packed(countsOf(ref)?.tally ?? NO_TALLY),
        }));
        return Promise.resolve({ generation: 'g1', experiments, newest: newest(), watermarks: WATERMARKS });
      },
      tally: (_, ref) => Promise.resolve(countsOf(ref)?.tally ?? NO_TALLY),
      activity: (_, ref) => Promise.resolve({ span: countsOf(ref)?.span, newest: newest() }),
      newest: () => Promise.resolve(newest()),
      active: () => Promise.resolve(counted().map(refOf)),
      watermarks: () => Promise.resolve(WATERMARKS),
    },
    definitions: {
      read: (namespace, experiment) => {
        const plan = find(namespace, experiment);
        return Promise.resolve(plan && toStored(plan));
      },
      readMany: () => Promise.resolve(new Map()),
      readAll: (namespace) =>
        Promise.resolve(
          stores.plans
            .filter((plan) => namespace === undefined || (plan.namespace ?? 'alephbet') === namespace)
            .flatMap((plan) => toStored(plan) ?? []),
        ),
      write: (namespace, experiment, definition, replaced) => {
        const known = find(namespace, experiment);
        if (replaced !== undefined && replaced !== ((known && toStored(known)?.writtenAt) ?? null)) {
          return Promise.resolve(undefined);
        }
        const written = { definition, writtenAt: Date.now() };
        if (known) Object.assign(known, written);
        else stores.plans.push({ namespace, name: experiment, participants: {}, days: 0, ...written });
        return Promise.resolve(written.writtenAt);
      },
      remove,
    },
    deletions: {
      read: () => Promise.resolve(new Map()),
      readAll: () => Promise.resolve(new Map()),
      delete: () => Promise.resolve({ number: 1, since: Date.now() }),
    },
    imports: {
      read: (namespace, experiment) => Promise.resolve(find(namespace, experiment)?.imported),
      readAll: (namespace) =>
        Promise.resolve(stores.plans.flatMap(({ imported }) => (imported?.namespace === namespace ? [imported] : []))),
      removeBefore: () => Promise.resolve(),
    },
    ingestNotes: {
      read: () => Promise.resolve(NOTHING_NOTICED),
      readMany: () => Promise.resolve(new Map()),
      remove: () => Promise.resolve(),
    },
    nameLists: createMemoryNameLists(),
    losses: {
      read: () =>
        Promise.resolve(
          stores.countedSince === undefined
            ? []
            : [{ shard: 'shard', generation: 'g1', from: '1', to: '2', countedSince: stores.countedSince }],
        ),
    },
    checkpoints: {
      readAll: () => Promise.resolve(new Map(stores.rebuilding ? [['shard', { first: '1', sequence: '200' }]] : [])),
    },
    now: Date.now,
    onError: () => undefined,
  };
}

function toStored(plan: CountPlan): StoredDefinition | undefined {
  const { namespace = 'alephbet', name, definition, faults = [], writtenAt = 1_700_000_000_000 } = plan;
  if (!definition && faults.length === 0) return undefined;
  return { namespace, experiment: name, writtenAt, definition, faults };
}

const WATERMARKS = new Map([['shard', '100']]);
const NO_TALLY: StoredTally = { counts: {}, moments: {}, labels: {} };

/** As lua/pack-tallies.lua does it. */
function packed({ counts, moments }: Pick<StoredTally, 'counts' | 'moments'>): PackedTally {
  const pack = (fields: StoredTally['counts']) =>
    Object.entries(fields)
      .filter(([field]) => field.split(':').length < 3)
      .flat()
      .join('\t');
  return `${pack(counts)}\n${pack(moments)}`;
}
