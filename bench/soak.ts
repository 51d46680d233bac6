// Steady traffic on a local system for a long time, with restarts and a replay in it: npm run soak -- --help
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { startLocalSystem, type LocalSystem } from '../tests/support/local/local-system.ts';
import { runLoad } from './load/run-load.ts';
import { measureSystem, PROGRAMS, STORES, type Taken } from './soak/measure-system.ts';

const HELP = `npm run soak -- [options]     (it starts a system of its own, and removes it)

  --minutes N   how long, 1 to 1440 (60)
  --rate N      events a second, 1 to 500 (120)

Every minute: memory of each process and size of each store in MB, how long sending took
and how long counting after it, s. After a third the system is restarted; after two
thirds the stream is replayed. Every counter is compared, every minute.
`;

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '120' },
    help: { type: 'boolean', default: false },
  },
});
const minutes = wholeNumber('minutes', values.minutes, 1_440);
const rate = wholeNumber('rate', values.rate, 500);

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  console.error(`--${option}: expected a whole number from 1 to ${most}, got ${JSON.stringify(text)}`);
  process.exit(2);
}

if (values.help) console.log(HELP);
else {
  soak().then(
    (exact) => (process.exitCode = exact ? 0 : 1),
    (error: unknown) => {
      console.error(error);
      process.exitCode = 1;
    },
  );
}

/** Each minute's load has names of its own. */
const settings = { MEM_LIMITS: '{"namespaces":10000,"experiments":10000}' };
const MINUTE_MS = 60_000;

async function soak(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-soak-'));
  let system = await startLocalSystem({ folder, settings });
  let isExact = true;
  try {
    console.log(rowOf(['minute', ...PROGRAMS, ...STORES, 'send', 'count', 'differ']));
    for (let minute = 1; minute <= minutes; minute += 1) {
      const until = Date.now() + MINUTE_MS;
      const load = await sendMinute(system, minute);
      const wrong = load.differences.length + load.wrongAnswers.length + (load.settled ? 0 : 1);
      isExact &&= wrong === 0;
      console.log(lineOf(minute, measureSystem(system.pids(), folder), [load.sendSeconds, load.countSeconds], wrong));
      if (minute === Math.ceil(minutes / 3)) system = await restart(system, folder);
      if (minute === Math.ceil((2 * minutes) / 3)) isExact = (await replay(folder)) && isExact;
      await sleep(Math.max(0, until - Date.now()));
    }
    console.log(isExact ? 'every counter exact' : 'WRONG');
    return isExact;
  } finally {
    await system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const sendMinute = ({ url }: LocalSystem, minute: number) =>
  runLoad({
    url,
    apiKey: 'local',
    events: rate * 60,
    seed: minute,
    connections: 4,
    patienceSeconds: 300,
    say: () => undefined,
  });

async function restart(system: LocalSystem, folder: string): Promise<LocalSystem> {
  await system.stop();
  console.log('restarted');
  return startLocalSystem({ folder, port: system.port, settings });
}

async function replay(folder: string): Promise<boolean> {
  const args = ['cli/bin.mjs', '--system', join(folder, 'system.json'), 'replay', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
  const { differences } = JSON.parse(stdout) as { differences: unknown[] };
  console.log(`replayed: ${differences.length} counters differ`);
  return differences.length === 0;
}

function lineOf(minute: number, { memory, disk }: Taken, seconds: number[], wrong: number): string {
  const sizes = [...PROGRAMS.map((program) => memory[program]), ...STORES.map((store) => disk[store])];
  return rowOf([String(minute), ...[...sizes, ...seconds].map((value) => value.toFixed(1)), String(wrong)]);
}

function rowOf(cells: readonly string[]): string {
  return cells.map((cell) => cell.padStart(14)).join('');
}
