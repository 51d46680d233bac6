import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startLocalSystem } from '../../tests/support/local/local-system.ts';
import { waitUntil } from '../../tests/support/wait-until.ts';
import type { Victim } from '../crashes/strikes.ts';
import { createRead, runLoad, type LoadResult } from '../load/run-load.ts';
import { differences, readFigures, readLists } from './answers.ts';
import { isLevel, readLog, type LogContent } from './log-files.ts';

export interface RestoreOptions {
  victim: Victim;
  /** Duplicates and bad ones included. */
  events: number;
  seed: number;
  /** How often the process that counts and archives is killed meanwhile. */
  kills: number;
  say: (line: string) => void;
}

export interface RestoreResult {
  load: LoadResult;
  log: LogContent;
  /** Figures of reports that were compared, and those that are not what they were. */
  figures: number;
  differences: string[];
  /** From the start of the system without Redis' and the stream's data until all was there again. */
  restoreSeconds: number;
}

const API_KEY = 'local';
const PATIENCE_SECONDS = 300;

/**
 * Sends a load while the archiver is killed again and again, deletes what Redis and the stream hold, starts the system
 * on its tables and its event log, and compares every figure of every report.
 */
export async function runRestore({ victim, events, seed, kills, say }: RestoreOptions): Promise<RestoreResult> {
  const { folder } = victim;
  const killer = createKiller(victim, kills, say);
  const { url } = victim.system;
  const load = await runLoad({
    ...{ url, apiKey: API_KEY, events, seed, connections: 20, patienceSeconds: PATIENCE_SECONDS, say },
    onAnswer: (part) => killer.onAnswer(part),
  });
  await killer.done();

  say('waiting until all that is counted is in files');
  await restart(victim); // it archives when it begins
  await waitUntil('the event log holds everything', () => isLevel(folder), PATIENCE_SECONDS);
  const read = createRead(url, API_KEY);
  const namespaces = [...new Set(load.plan.expected.map(({ namespace }) => namespace))];
  const [lists, before] = [await readLists(namespaces, read), await readFigures(namespaces, read)];
  const log = await readLog(folder);

  say('deleting what Redis and the stream hold');
  await victim.system.kill();
  for (const part of ['redis', 'kinesis']) rmSync(join(folder, part), { recursive: true });
  const began = Date.now();
  victim.system = await startLocalSystem({ folder, port: victim.system.port });
  let wrong: string[] = [];
  await waitUntil(
    'the lists are what they were',
    async () => differences(lists, await readLists(namespaces, read)).length === 0,
    PATIENCE_SECONDS,
  ).catch(() => undefined); // what is missing is told below
  await waitUntil(
    'every figure is what it was',
    async () => (wrong = differences(before, await readFigures(namespaces, read))).length === 0,
    PATIENCE_SECONDS,
  ).catch(() => undefined); // what differs is in the result
  const restoreSeconds = (Date.now() - began) / 1_000;
  return { load, log, figures: before.size, differences: wrong, restoreSeconds };
}

/** How many different events a load holds, those at its end included. */
export function distinctEvents({ plan }: LoadResult): number {
  const counts = plan.expected.flatMap((experiment) => [...experiment.counts]);
  const unsegmented = counts.filter(([counter]) => (JSON.parse(counter) as string[]).length === 2);
  return unsegmented.reduce((sum, [, count]) => sum + count, plan.last.requests.length);
}

/** Kills at so many moments, evenly spread over the load, each time as soon as the system is up again after the last. */
function createKiller(victim: Victim, kills: number, say: (line: string) => void) {
  let killed = 0;
  let running: Promise<void> | undefined;
  const strike = async () => {
    killed += 1;
    say(`kill -9, ${killed} of ${kills}`);
    await restart(victim);
    running = undefined;
  };
  return {
    onAnswer(part: number) {
      if (killed < kills && part >= (killed + 1) / (kills + 1)) running ??= strike();
    },
    async done() {
      await running;
      while (killed < kills) await strike();
    },
  };
}

async function restart(victim: Victim): Promise<void> {
  const { port } = victim.system;
  await victim.system.kill();
  victim.system = await startLocalSystem({ folder: victim.folder, port });
}

/** What was wrong, in words; empty where everything is exact. */
export function faultsOf({ load, log, differences: wrong }: RestoreResult): string[] {
  const expected = distinctEvents(load);
  return [
    ...(load.settled ? [] : ['the last events were not counted in time']),
    ...load.differences,
    ...load.wrongAnswers,
    ...log.faults,
    ...(log.rows === expected ? [] : [`expected ${expected} rows in the files, found ${log.rows}`]),
    ...(log.events === log.rows ? [] : [`${log.rows - log.events} rows of events that have one already`]),
    ...wrong,
  ];
}
