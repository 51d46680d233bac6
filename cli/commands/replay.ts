import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import { connect, type SystemOptions } from '../connect.ts';
import type { Difference } from '../compare-generations.ts';
import { createProgress } from '../progress.ts';
import { printable } from '../table.ts';
import { replay, type ReplayResult } from '../replay.ts';

interface Options extends SystemOptions {
  dryRun?: boolean;
  from?: number;
  resume?: string;
  acceptLoss?: boolean;
  json?: boolean;
}

const SHOWN_DIFFERENCES = 20;

/** `mem replay` */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('count the stream again into a new generation, compare it with the served one, and serve it')
    .option('--dry-run', 'compare, then throw the new generation away')
    .option('--from <time>', 'leave out what was received before this time (ISO 8601, UTC)', toTime)
    .option('--resume <generation>', 'go on with the generation of an interrupted replay', toGeneration)
    .option('--accept-loss', 'switch even where the stream no longer holds all that has been counted')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  mem replay --dry-run\n  mem replay --from 2026-11-01T00:00:00Z --accept-loss')
    .action(async (options: Options, command: Command) => {
      const stores = await connect(command.optsWithGlobals<SystemOptions>());
      const progress = createProgress(process.stderr, Date.now);
      try {
        const say = (line: string) => process.stderr.write(`${line}\n`);
        const { dryRun = false, acceptLoss = false, resume, from } = options;
        const chosen = { dryRun, acceptLoss, ...(resume && { resume }), ...(from !== undefined && { from }) };
        const result = await replay(chosen, { ...stores, onPage: progress.onPage, say, sleep });
        progress.end();
        process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${summary(result).join('\n')}\n`);
        process.exitCode = result.outcome === 'switched' || result.outcome === 'dry run' ? 0 : 1;
      } finally {
        progress.end();
        stores.close();
      }
    });
}

function summary({ served, replayed, outcome, differences, losses }: ReplayResult): string[] {
  return [
    differences.length === 0 ? 'No counter differs.' : `${differences.length} counters differ:`,
    ...differences.slice(0, SHOWN_DIFFERENCES).map(describeDifference),
    ...(differences.length > SHOWN_DIFFERENCES ? [`  … and ${differences.length - SHOWN_DIFFERENCES} more (--json)`] : []),
    ...losses.map(({ shard, countedSince }) => `  ${shard}: the stream reaches back to ${new Date(countedSince).toISOString()}`),
    outcomes[outcome](served, replayed),
  ];
}

const outcomes: Record<ReplayResult['outcome'], (served: string, replayed: string) => string> = {
  switched: (served, replayed) => `${replayed} is served now. Free the old one with: mem generations remove ${served}`,
  'dry run': (served) => `${served} is still served; the copy is gone.`,
  'would lose': (served, replayed) =>
    `${served} is still served: the stream does not reach back to the beginning, and ${replayed} would count less. ` +
    `To serve it all the same: mem replay --resume ${replayed} --accept-loss`,
  overtaken: (_, replayed) => `Another replay was faster: its generation is served, and ${replayed} is not needed.`,
};

function describeDifference({ experiment, kind, field, served, replayed }: Difference): string {
  return printable(`  ${experiment.namespace}/${experiment.experiment} ${kind} ${field}: ${served} served, ${replayed} replayed`);
}

function toTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('expected a time such as 2026-11-01T00:00:00Z.');
  return time;
}

function toGeneration(text: string): string {
  if (!/^g\d+$/.test(text)) throw new InvalidArgumentError('expected a generation such as g7.');
  return text;
}
