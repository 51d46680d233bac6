import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { EXIT } from '../../outcome.ts';
import { readHealth, type Health, type ShardHealth } from '../../status/health.ts';
import { withStores } from '../../stores.ts';
import { printable, tableLines } from '../../output/table.ts';

/** `mem status` */
export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('show how the system is: Redis, how far it has counted, losses, quarantine')
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      await withStores(command, async (stores) => {
        const health = await readHealth(stores, (ms) => sleep(ms));
        process.stdout.write(json ? `${JSON.stringify(health)}\n` : `${statusLines(health).join('\n')}\n`);
        process.exitCode = health.ok ? EXIT.done : EXIT.failed;
      });
    });
}

const HELP = `
Exit code 0 where all is well; 1 where counters are being rebuilt, events wait for more
than half an hour, Redis is nearly full, or a store does not answer.

Examples:
  mem status
  mem status --stage prod --json`;

const MB = 1_000_000;
const megabytes = (bytes: number) => `${(bytes / MB).toFixed(1)} MB`;

/** One screen. */
export function statusLines({ ok, problems, redis, counters, quarantine }: Health): string[] {
  const bound = redis.maxBytes === null ? '' : ` of ${megabytes(redis.maxBytes)}`;
  const kept = redis.appendOnly ? 'append-only file' : 'no append-only file';
  const rows = counters.shards.map((shard) => [shard.shard, describeShard(shard)]);
  return [
    ok ? 'All is well.' : 'Not all is well:',
    ...problems.map((problem) => `  ${problem}`),
    '',
    `redis       answers, ${megabytes(redis.usedBytes)}${bound}, ${kept}, ${redis.replicas} replicas`,
    `counters    ${counters.rebuilding ? 'being rebuilt' : 'whole'}${counters.active === null ? '' : `, ${counters.active} is active`}`,
    `losses      ${counters.countedSince === null ? 'none' : `counts are whole since ${counters.countedSince}`}`,
    `quarantine  ${describeQuarantine(quarantine)}`,
    ...(rows.length === 0 ? [] : ['', ...tableLines([['shard', 'state'], ...rows])]),
  ];
}

function describeQuarantine(quarantine: Health['quarantine']): string {
  if (quarantine === null) return 'not to be seen from the network of the stage: mem quarantine --reasons';
  const { records, events } = quarantine;
  if (records === 0) return 'empty';
  return `${records.toLocaleString('en')} records, ${events.toLocaleString('en')} events: mem quarantine --reasons`;
}

function describeShard({ rebuilding, waitingSince, waitingSeconds, secondsLeft }: ShardHealth): string {
  if (!rebuilding) return waitingSince === null ? 'all is counted' : `counted but for the last ${waitingSeconds} s`;
  const pace = (secondsLeft ?? null) === null ? 'no progress in two seconds' : `about ${secondsLeft} s at this pace`;
  return printable(`being rebuilt, so far up to ${waitingSince ?? 'the newest record'}: ${pace}`);
}
