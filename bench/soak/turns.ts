// Two versions of Mem take turns on one data folder, under load: npm run turns -- --help
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import type { TrackedEvent } from '../../shared/contract/event.ts';
import { findFreePort, startLocalSystem, type LocalSystem } from '../../tests/support/local/local-system.ts';
import type { Read } from '../load/compare.ts';
import { createRead } from '../load/run-load.ts';

const HELP = `npm run turns -- --old FOLDER [options]     (the systems are its own, and removed)

  --old FOLDER  a checkout of the older version with its packages installed, outside this one:
                git worktree add --detach FOLDER COMMIT && (cd FOLDER && npm ci)
  --turns N     how often the versions change places, 2 to 50 (6)
  --seconds N   how long each has its turn, 1 to 60 (5)

Visitors are sent all the while, in a form that both versions understand, with repeats; every
second turn ends with kill -9. When the new version has counted everything, its counters are
compared; then the old one is started once more on the same data, gets its part of the load, and
its counters are compared, too.
`;

const { values } = parseArgs({
  options: {
    old: { type: 'string', default: '' },
    turns: { type: 'string', default: '6' },
    seconds: { type: 'string', default: '5' },
    help: { type: 'boolean', default: false },
  },
});

function wholeNumber(option: 'turns' | 'seconds', least: number, most: number): number {
  const number = Number(values[option]);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  console.error(`--${option}: expected a whole number from ${least} to ${most}, got ${JSON.stringify(values[option])}`);
  process.exit(2);
}

if (values.help || values.old === '') {
  console.log(HELP);
  process.exitCode = values.help ? 0 : 2;
} else {
  takeTurns({ old: values.old, turns: wholeNumber('turns', 2, 50), seconds: wholeNumber('seconds', 1, 60) }).then(
    (exact) => (process.exitCode = exact ? 0 : 1),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}

const EXPERIMENTS = ['price', 'colour', 'words'];
const EVENTS_PER_VISITOR = 3;
const PATIENCE_MS = 120_000;

async function takeTurns({ old, turns, seconds }: { old: string; turns: number; seconds: number }): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-turns-'));
  const port = await findFreePort();
  const start = (version: 'old' | 'new') => startLocalSystem({ folder, port, ...(version === 'old' && { root: old }) });
  const expected: Counts = new Map();
  let load = startLoad(`http://127.0.0.1:${port}`, expected);
  let system: LocalSystem | undefined;
  try {
    for (let turn = 0; turn < turns; turn += 1) {
      system = await start(turn % 2 === 0 ? 'old' : 'new');
      await sleep(seconds * 1_000);
      console.log(`turn ${turn + 1}, ${turn % 2 === 0 ? 'old' : 'new'}: ${load.acknowledged()} events so far`);
      if (turn < turns - 1) await (turn % 4 < 2 ? system.stop() : system.kill());
    }
    if (turns % 2 === 1) {
      await system?.stop();
      system = await start('new');
    }
    await load.end();
    const read = createRead(`http://127.0.0.1:${port}`, 'local');
    let isExact = await compare('new', expected, read);
    isExact = (await isQuarantineEmpty(folder)) && isExact;
    await system?.stop();
    load = startLoad(`http://127.0.0.1:${port}`, expected);
    system = await start('old');
    await sleep(seconds * 1_000);
    await load.end();
    return (await compare('old, backwards', expected, read)) && isExact;
  } finally {
    await load.end();
    await system?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `experiment variant goal` -> how often; for the goal `visitors`, how many of them. */
type Counts = Map<string, number>;

interface Load {
  acknowledged: () => number;
  /** Resolves when all that was sent is acknowledged. */
  end: () => Promise<void>;
}

let visitors = 0;

/** @param expected what was acknowledged is added there */
function startLoad(url: string, expected: Counts): Load {
  const sent: TrackedEvent[][] = [];
  let events = 0;
  let goesOn = true;
  const run = async () => {
    while (goesOn) {
      const visitor = (visitors += 1);
      const fresh = eventsOf(visitor);
      await post(url, fresh);
      for (const event of fresh) add(expected, event);
      sent.push(fresh);
      events += fresh.length;
      const earlier = sent[Math.floor(Math.random() * sent.length)];
      if (visitor % 4 === 0 && earlier) await post(url, earlier);
      await sleep(10);
    }
  };
  const running = run();
  return {
    acknowledged: () => events,
    end() {
      goesOn = false;
      return running;
    },
  };
}

function eventsOf(visitor: number): TrackedEvent[] {
  const experiment = EXPERIMENTS[visitor % EXPERIMENTS.length] ?? '';
  const variant = visitor % 2 === 0 ? 'a' : 'b';
  const common = { namespace: 'alephbet', experiment, variant, unit: `visitor ${visitor}` };
  return ['participate', 'look', 'buy'].slice(0, 1 + (visitor % EVENTS_PER_VISITOR)).map((event) => ({
    ...common,
    event,
    uuid: randomUUID(),
    ...(event === 'buy' && { value: visitor % 100 }),
  }));
}

function add(counts: Counts, { experiment, variant, event }: TrackedEvent): void {
  const raise = (goal: string) => {
    const name = `${experiment} ${variant} ${goal}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  };
  raise(event);
  if (event === 'participate') raise('visitors');
}

/** Sent again until it is acknowledged: versions are down while they change places. */
async function post(url: string, events: readonly TrackedEvent[]): Promise<void> {
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events),
  };
  for (;;) {
    const answer = await fetch(`${url}/events`, request).catch(() => undefined);
    if (answer?.status === 200) return;
    if (answer && answer.status < 500) throw new Error(`expected 200, got ${answer.status}: ${await answer.text()}`);
    await sleep(100);
  }
}

async function compare(who: string, expected: Counts, read: Read): Promise<boolean> {
  const until = Date.now() + PATIENCE_MS;
  for (;;) {
    const differences = await differ(expected, read).catch((error: unknown) => [String(error)]);
    if (differences.length === 0 || Date.now() > until) {
      console.log(`${who}: ${expected.size} counters, ${differences.length} differ`);
      for (const line of differences.slice(0, 10)) console.log(`  ${line}`);
      return differences.length === 0;
    }
    await sleep(500);
  }
}

async function differ(expected: Counts, read: Read): Promise<string[]> {
  const found: Counts = new Map();
  for (const experiment of EXPERIMENTS) {
    const { variants, goals } = (await read('/v1/experiment', { experiment })) as ExperimentAnswer;
    // Version 0.1.0 knows no `exposures` beside its participants, which are those.
    for (const { name, participants, exposures = participants, units } of variants) {
      found.set(`${experiment} ${name} participate`, exposures);
      found.set(`${experiment} ${name} visitors`, units ?? 0);
    }
    for (const goal of goals) {
      for (const { variant, count } of goal.results) found.set(`${experiment} ${variant} ${goal.name}`, count);
    }
  }
  return [...new Set([...expected.keys(), ...found.keys()])]
    .filter((name) => (expected.get(name) ?? 0) !== (found.get(name) ?? 0))
    .map((name) => `${name}: expected ${expected.get(name) ?? 0}, got ${found.get(name) ?? 0}`);
}

async function isQuarantineEmpty(folder: string): Promise<boolean> {
  const args = ['cli/bin.mjs', '--system', join(folder, 'system.json'), 'quarantine', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  const { records } = JSON.parse(stdout) as { records: number };
  console.log(`${records} records in quarantine`);
  return records === 0;
}
