// Strikes a local system with everything that can crash while it counts 20,000 events: npm run crashes [EVENTS]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalSystem } from '../tests/support/local/local-system.ts';
import { runCrashes } from './crashes/run-crashes.ts';
import type { LoadResult } from './load/run-load.ts';

const events = Number(process.argv[2] ?? 20_000);
if (!Number.isInteger(events) || events < 1 || events > 200_000) {
  console.error(`npm run crashes [EVENTS]: expected 1 to 200000, got ${process.argv[2]}`);
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
  const folder = mkdtempSync(join(tmpdir(), 'mem-crashes-'));
  const victim = { system: await startLocalSystem({ folder }), folder };
  try {
    const seed = Math.floor(Math.random() * 1e6);
    const results = await runCrashes({ victim, events, seed, say: (line) => console.log(`… ${line}`) });
    console.log(`\n  ${events} events over all, seed ${seed}\n`);
    for (const { name, load } of results) console.log(describe(name, load));
    return results.every(({ load }) => isExact(load));
  } finally {
    await victim.system.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function isExact({ settled, differences, wrongAnswers }: LoadResult): boolean {
  return settled && differences.length + wrongAnswers.length === 0;
}

function describe(name: string, load: LoadResult): string {
  const verdict = isExact(load) ? 'exact' : 'WRONG';
  const facts = `${load.counters} counters, ${load.differences.length} differ, ${load.resent} requests sent again`;
  return [
    `  ${verdict}  ${name}: ${facts}, counted ${load.countSeconds.toFixed(1)} s after the last answer`,
    ...[...load.differences, ...load.wrongAnswers].slice(0, 10).map((line) => `           ${line}`),
  ].join('\n');
}
