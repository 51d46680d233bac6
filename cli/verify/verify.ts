import {
  FIRST_INCARNATION,
  experimentId,
  experimentName,
  parseExperimentId,
  type ExperimentRef,
} from '../../shared/contract/experiment-id.ts';
import { findBehind } from '../../shared/counting/position.ts';
import { concernedSince } from '../../shared/reporting/conclude.ts';
import { mapAtOnce } from '../../shared/runtime/map-at-once.ts';
import type { AllStores } from '../../shared/stores/connect.ts';
import { checkExperiment } from './check-experiment.ts';

/** Whether the counters are all that they should be. */
export interface Verification {
  /** `lost`: something is missing that does not come back by itself. */
  verdict: 'whole' | 'rebuilding' | 'lost';
  active: string | null;
  experiments: number;
  /** That are counted, of all experiments. */
  events: number;
  /** Shards that are counted again, and since when records are not in the counters, ISO 8601. */
  rebuilding: { shard: string; soFar: string | null }[];
  /** Records that could not be counted again, and the experiments that may have had events among them. */
  losses: { shard: string; countedSince: string; experiments: number }[];
  /** Counters that contradict each other; without an experiment, what all of them need. */
  faults: Fault[];
}

interface Fault {
  namespace?: string;
  experiment?: string;
  fault: string;
}

type Stores = Pick<
  AllStores,
  | 'stream'
  | 'backlog'
  | 'checkpoints'
  | 'counterReader'
  | 'counters'
  | 'definitions'
  | 'deletions'
  | 'generationStore'
  | 'imports'
  | 'losses'
  | 'tallies'
>;

const EXPERIMENTS_AT_ONCE = 8;

const isoTime = (ms: number) => new Date(ms).toISOString();

/**
 * Compares the counters with the checkpoints, the losses that were recorded, and each other. Reads only; counting may go
 * on meanwhile.
 * @throws Error where a store does not answer, or holds something that cannot be read
 */
export async function verify(stores: Stores): Promise<Verification> {
  const active = await stores.counters.readPointer();
  const rebuilding = await findRebuilding(active, stores);
  if (active === undefined) return { ...NOTHING, verdict: rebuilding.length > 0 ? 'rebuilding' : 'whole', rebuilding };

  const listed = new Set((await stores.counterReader.experiments(active)).map(experimentId));
  const living = await listLiving(active, listed, stores);
  const totalsBefore = await stores.counterReader.totals(active);
  const checked = await mapAtOnce(EXPERIMENTS_AT_ONCE, living, async (ref) => {
    const { span } = await stores.tallies.activity(active, ref);
    const { events: counted, faults: found } = await checkExperiment(active, ref, span, stores.counterReader);
    const isListed = listed.has(experimentId(ref));
    return { ref, span, events: counted, faults: isListed ? found : [...found, 'the list of experiments has lost it'] };
  });
  const totalsAfter = await stores.counterReader.totals(active);
  const events = checked.reduce((sum, { events: counted }) => sum + counted, 0);
  const faults = [
    ...(await checkWatermarks(active, events, stores)),
    ...checked.flatMap(({ ref, events: counted, faults: found }) => {
      const { namespace, experiment } = ref;
      const [least = 0, most = 0] = [totalsBefore, totalsAfter].map((totals) => totals.get(experimentId(ref)));
      return [...found, ...compareTotal(counted, least, most)].map((fault) => ({ namespace, experiment, fault }));
    }),
  ];
  await readImports(living, stores);
  const losses = await findLosses(active, checked, stores);
  const isLost = faults.length > 0 || losses.some(({ experiments }) => experiments > 0);
  return {
    verdict: isLost ? 'lost' : rebuilding.length > 0 ? 'rebuilding' : 'whole',
    active,
    experiments: living.length,
    events,
    rebuilding,
    losses,
    faults,
  };
}

/** The total is raised with the counts, in a place of its own. Counting goes on: it was read before them and after. */
function compareTotal(counted: number, least: number, most: number): string[] {
  if (counted >= least && counted <= most) return [];
  return [`${counted} events are counted, and ${least} in all`];
}

const NOTHING = { active: null, experiments: 0, events: 0, losses: [], faults: [] };

/** Checkpoints are read first: watermarks move before them. */
async function findRebuilding(active: string | undefined, stores: Stores): Promise<Verification['rebuilding']> {
  const checkpoints = await stores.checkpoints.readAll(stores.stream);
  const watermarks = active === undefined ? new Map<string, string>() : await stores.generationStore.watermarks(active);
  const behind = findBehind([...checkpoints.keys()], watermarks, checkpoints);
  if (behind.length === 0) return [];
  const next = await stores.backlog.firstAfter(watermarks);
  return behind.map(({ shard }) => {
    const arrival = next.get(shard);
    return { shard, soFar: arrival === undefined ? null : isoTime(arrival) };
  });
}

/** Experiments that Redis knows in either of two ways: one of them may be lost. */
async function listLiving(active: string, listed: ReadonlySet<string>, stores: Stores): Promise<ExperimentRef[]> {
  const incarnations = await stores.deletions.readAll();
  const isLiving = ({ namespace, experiment, incarnation }: ExperimentRef) =>
    incarnation === (incarnations.get(experimentName(namespace, experiment)) ?? FIRST_INCARNATION).number;
  const known = new Set([...listed, ...(await stores.tallies.active(active)).map(experimentId)]);
  return [...known].flatMap((id) => parseExperimentId(id) ?? []).filter(isLiving);
}

const REPLACED = 'the next batch, or the run every five minutes, counts all again into a new generation';

/** Without watermarks the stream would be counted again on top of what is there. */
async function checkWatermarks(active: string, events: number, { generationStore }: Stores): Promise<Fault[]> {
  if (events === 0 || (await generationStore.watermarks(active)).size > 0) return [];
  return [{ fault: `how far was counted (watermarks) is gone, beside counters that are there: ${REPLACED}` }];
}

/** @throws Error where what another system had counted cannot be read any more */
async function readImports(living: readonly ExperimentRef[], { imports }: Stores): Promise<void> {
  for (const namespace of new Set(living.map((ref) => ref.namespace))) await imports.readAll(namespace);
}

async function findLosses(
  active: string,
  checked: readonly { ref: ExperimentRef; span: Parameters<typeof concernedSince>[2] }[],
  { losses, definitions }: Stores,
): Promise<Verification['losses']> {
  const stored = new Map(
    (await definitions.readAll()).map((definition) => [
      experimentName(definition.namespace, definition.experiment),
      definition,
    ]),
  );
  return (await losses.read(active)).map(({ shard, countedSince }) => ({
    shard,
    countedSince: isoTime(countedSince),
    experiments: checked.filter(({ ref, span }) => {
      const definition = stored.get(experimentName(ref.namespace, ref.experiment));
      return concernedSince(countedSince, definition, span) !== undefined;
    }).length,
  }));
}
