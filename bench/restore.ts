// Sends 50,000 events while the archiver is killed five times, deletes Redis and the stream, and compares every figure
// with what the event log brings back: npm run restore [EVENTS]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalSystem } from '../tests/support/local/local-system.ts';
import { faultsOf, runRestore } from './restore/run-restore.ts';

const events = Number(process.argv[2] ?? 50_000);
if (!Number.isInteger(events) || events < 100 || events > 200_000) {
  console.error(`npm run restore [EVENTS]: expected 100 to 200000, got ${process.argv[2]}`);
  process.exit(2);
}

main().then(
  (exact) => (process.exitCode = exact ? 0 : 1),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);

async function main(): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-restore-'));
  const victim = { system: await startLocalSystem({ folder }), folder };
  try {
    const seed = Math.floor(Math.random() * 1e6);
    const result = await runRestore({ victim, events, seed, kills: 5, say: (line) => console.log(`… ${line}`) });
    const { log, figures, restoreSeconds, load } = result;
    const faults = faultsOf(result);
    console.log(
      [
        '',
        `  ${events} events, ${load.plan.repeats} of them duplicates, seed ${seed}; killed five times`,
        `  ${log.files} files, ${log.rows} rows, ${(log.bytes / log.rows).toFixed(1)} bytes a row`,
        `  ${figures} figures, ${faults.length} faults, ${restoreSeconds.toFixed(1)} s after Redis and the stream were deleted`,
        ...faults.slice(0, 20).map((fault) => `    ${fault}`),
        faults.length === 0 ? '  exact' : '  WRONG',
      ].join('\n'),
    );
    return faults.length === 0;
  } finally {
    await victim.system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
