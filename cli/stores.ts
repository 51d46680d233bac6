import type { Command } from 'commander';
import type { ExperimentAnswer } from '../shared/contract/answers.ts';
import { findHints } from '../shared/reporting/unknown/require-known.ts';
import { answerExperiment, type View } from '../shared/reporting/experiment.ts';
import { readExperiment, readState } from '../shared/reporting/read-counted.ts';
import type { AllStores } from '../shared/stores/connect.ts';
import type { Tables } from './connect.ts';
import type { Owner } from '../shared/stores/redis/owner.ts';
import { pathOf } from './inside-commands.ts';
import { NotYet } from './outcome.ts';
import { findSystem, type System, type SystemOptions } from './system.ts';

/**
 * Does a command's work on the stores of the system that it is for, and closes them whatever happens. Where its Redis
 * cannot be reached from here, the whole command line is run where it can.
 */
export async function withStores(command: Command, work: (stores: AllStores) => Promise<void>): Promise<void> {
  await whereRedisIs(command, async (system) => {
    const { connect } = await import('./connect.ts'); // only now: help needs no AWS SDK
    await closing(await connect(system), work);
  });
}

/** The same for work on the system's place in Redis, whosever that is. */
export async function withOwner(command: Command, work: (owner: Owner) => Promise<void>): Promise<void> {
  await whereRedisIs(command, async (system) => {
    const { connectPlace } = await import('./connect.ts');
    await closing(await connectPlace(system), ({ owner }) => work(owner));
  });
}

async function whereRedisIs(command: Command, work: (system: System) => Promise<void>): Promise<void> {
  const system = await findSystem(command.optsWithGlobals<SystemOptions>());
  if (system.inside === undefined) {
    await work(system);
    return;
  }
  const { runInside } = await import('./inside.ts');
  process.exitCode = await runInside(system.inside, pathOf(command), process.argv.slice(2));
}

/** The same for work that needs no Redis. */
export async function withTables(command: Command, work: (tables: Tables) => Promise<void>): Promise<void> {
  const { connectTables } = await import('./connect.ts');
  await closing(connectTables(await findSystem(command.optsWithGlobals<SystemOptions>())), work);
}

async function closing<T extends { close: () => void }>(opened: T, work: (opened: T) => Promise<void>): Promise<void> {
  try {
    await work(opened);
  } finally {
    opened.close();
  }
}

/** The stores as reports want them. */
export function reportDeps(stores: AllStores) {
  return { ...stores, counters: stores.counterReader };
}

/**
 * The report of an experiment.
 * @throws Error where neither an event nor a person has ever named it: the name is mistyped, more likely than not;
 *   NotYet where counters are being rebuilt, and it may be among them
 */
export async function answerKnown(
  namespace: string,
  experiment: string,
  stores: AllStores,
  view?: View,
): Promise<ExperimentAnswer> {
  const answer = answerExperiment(await readExperiment(namespace, experiment, reportDeps(stores), view?.segment), view);
  if (answer.data !== 'no data' || answer.definition !== null) return answer;
  if (answer.rebuilding) {
    throw new NotYet(
      `counters are being rebuilt from the stream, and those of ${JSON.stringify(experiment)} may be among them: mem status shows how far; ask again later`,
    );
  }
  if (await areEventsWaiting(stores)) {
    throw new NotYet(
      `nothing is counted of ${JSON.stringify(experiment)} in the namespace ${JSON.stringify(namespace)}, and events wait that are not counted yet: ask again in some seconds`,
    );
  }
  const { told } = await findHints({ namespace, experiment }, reportDeps(stores));
  throw new Error(
    [
      `nothing is known of ${JSON.stringify(experiment)} in the namespace ${JSON.stringify(namespace)}`,
      ...told,
      'mem experiments lists what is, mem quarantine what was refused',
    ].join('; '),
  );
}

/** Whether the stream holds what is not in the counters yet. */
async function areEventsWaiting({ counters, generationStore, backlog }: AllStores): Promise<boolean> {
  const active = await counters.readPointer();
  const reached = active === undefined ? new Map<string, string>() : await generationStore.watermarks(active);
  return [...(await backlog.firstAfter(reached)).values()].some((arrival) => arrival !== undefined);
}

/** Said on stderr, so that figures that are too low are not taken for whole. */
export const REBUILDING = 'counters are being rebuilt from the stream, figures are too low: mem status shows how far';

/** Whether Redis has lost what was counted, and it is not counted again yet. */
export async function isRebuilding(stores: AllStores): Promise<boolean> {
  return (await readState(await stores.counters.readPointer(), reportDeps(stores))).rebuilding;
}
