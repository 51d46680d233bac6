import { EXPOSURE } from '../shared/contract/event.ts';
import {
  experimentId,
  experimentName,
  FIRST_INCARNATION,
  parseExperimentId,
} from '../shared/contract/experiment-id.ts';
import type { AllStores } from '../shared/stores/connect.ts';
import type { EventFile } from '../shared/stores/log/event-file.ts';
import { NotYet } from './outcome.ts';
import { isRebuilding, REBUILDING } from './stores.ts';

/** Experiment's id -> `["variant","event"]` -> rows */
export type RowCounts = Map<string, Map<string, number>>;

/** Adds the rows of a file; a goal that names no experiment counts where its visitor was exposed, and is left out. */
export async function countRows(file: EventFile, rows: RowCounts): Promise<void> {
  for await (const page of file.pages()) {
    for (const { event, incarnation } of page) {
      const { namespace, experiment, variant } = event;
      if (experiment === undefined) continue;
      const id = experimentId({ namespace, experiment, incarnation });
      const ofExperiment = rows.get(id) ?? new Map<string, number>();
      rows.set(id, ofExperiment);
      const key = JSON.stringify([variant, event.event]);
      ofExperiment.set(key, (ofExperiment.get(key) ?? 0) + 1);
    }
  }
}

/**
 * Rows of living experiments of which the counters hold fewer, each as a sentence. They may hold more: events that are
 * not in a file yet, what was imported, and goals that name no experiment.
 * @param rows read before the counters: every row is of an event that had been counted before
 * @throws NotYet where counters are being rebuilt
 */
export async function findUncounted(rows: RowCounts, stores: AllStores): Promise<string[]> {
  if (await isRebuilding(stores)) throw new NotYet(REBUILDING);
  const { counters, counterReader, deletions } = stores;
  const incarnations = await deletions.readAll();
  const generation = (await counters.readPointer()) ?? 'none';
  const faults: string[] = [];
  for (const [id, ofExperiment] of rows) {
    const ref = parseExperimentId(id);
    if (!ref) continue;
    const { namespace, experiment, incarnation } = ref;
    if (incarnation !== (incarnations.get(experimentName(namespace, experiment)) ?? FIRST_INCARNATION).number) continue;
    const [counts = []] = await counterReader.counts(generation, [ref]);
    const counted = new Map(
      counts
        .filter(({ segment }) => segment === undefined)
        .map(({ variant, event, count }) => [JSON.stringify([variant, event]), count]),
    );
    for (const [key, inLog] of ofExperiment) {
      const inCounters = counted.get(key) ?? 0;
      if (inLog <= inCounters) continue;
      const [variant = '', event = ''] = JSON.parse(key) as string[];
      const what = event === EXPOSURE ? 'participants' : event;
      faults.push(`${namespace}/${experiment}: ${variant}, ${what}: ${inLog} rows in the log, ${inCounters} counted`);
    }
  }
  return faults;
}
