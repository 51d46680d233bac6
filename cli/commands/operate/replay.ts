import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidArgumentError, type Command } from 'commander';
import type { Difference } from '../../../shared/counting/compare-generations.ts';
import { EXIT, NotYet, UsageError } from '../../outcome.ts';
import { createProgress } from '../../output/progress.ts';
import { printable, tableLines } from '../../output/table.ts';
import { compareSequence } from '../../../shared/contract/sequence-number.ts';
import { mapAtOnce } from '../../../shared/runtime/map-at-once.ts';
import type { AllStores } from '../../../shared/stores/connect.ts';
import { replay, type ReplayResult } from '../../../shared/counting/replay.ts';
import { isRebuilding, REBUILDING, withStores } from '../../stores.ts';
import { addListByDefault } from '../../arguments.ts';
import { createCountEvents } from '../../../shared/counting/visitors/count-events.ts';

interface Options {
  dryRun?: boolean;
  from?: number;
  resume?: string;
  acceptLoss?: boolean;
  fromStream?: boolean;
  for?: number;
  json?: boolean;
}

const SHOWN_DIFFERENCES = 20;

/** `mem replay` */
export function addReplayCommand(program: Command): void {
  program
    .command('replay')
    .description('recount the stream into a new generation, compare it with the active one, and switch to it')
    .option('--dry-run', 'compare, then discard the new generation')
    .option('--from <time>', 'leave out what was received before this time (ISO 8601, UTC)', toTime)
    .option('--from-stream', 'leave the event log alone: the stream is all that is recounted')
    .option('--resume <generation>', 'resume the generation of an interrupted replay', toGeneration)
    .option('--accept-loss', 'switch even where the stream no longer holds all that has been counted')
    .option('--for <seconds>', 'stop after so long; incomplete, can be resumed: exit code 75', toSeconds)
    .option('--json', 'print the result as JSON')
    .addHelpText('after', '\nExamples:\n  mem replay --dry-run\n  mem replay --from 2026-11-01T00:00:00Z --accept-loss')
    .action(async (options: Options, command: Command) => {
      refuseHalf(options);
      const progress = createProgress(process.stderr, Date.now);
      await withStores(command, async (stores) => {
        if (await isRebuilding(stores)) throw new NotYet(`${REBUILDING}; replay when that is done`);
        const say = (line: string) => process.stderr.write(`${line}\n`);
        const { dryRun = false, acceptLoss = false, fromStream = false, resume, from, for: seconds } = options;
        const chosen = {
          dryRun,
          acceptLoss,
          fromStream,
          ...(resume && { resume }),
          ...(from !== undefined && { from }),
          ...(seconds !== undefined && { forMs: seconds * 1_000 }),
        };
        const result = await replay(chosen, {
          ...stores,
          countEvents: createCountEvents(stores),
          onPage: progress.onPage,
          say,
          sleep,
        });
        progress.end();
        if (result.outcome === 'unfinished') {
          say(`${result.replayed} is incomplete; resume it with: mem replay --resume ${result.replayed}`);
          process.exitCode = EXIT.unfinished;
          return;
        }
        process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${summary(result).join('\n')}\n`);
        process.exitCode = result.outcome === 'switched' || result.outcome === 'dry run' ? EXIT.done : EXIT.failed;
      }).finally(() => progress.end());
    });
}

/** What would count for nothing and leave a generation behind. */
function refuseHalf({ from, dryRun, acceptLoss }: Options): void {
  if (from === undefined || dryRun || acceptLoss) return;
  throw new UsageError(
    '--from leaves out what was received before: say --accept-loss to switch to fewer counts, or --dry-run to compare only',
  );
}

function summary({ served, replayed, outcome, differences, losses }: ReplayResult): string[] {
  return [
    differences.length === 0 ? 'No counter differs.' : `${differences.length} counters differ:`,
    ...differences.slice(0, SHOWN_DIFFERENCES).map(describeDifference),
    ...(differences.length > SHOWN_DIFFERENCES
      ? [`  … and ${differences.length - SHOWN_DIFFERENCES} more (--json)`]
      : []),
    ...losses.map(
      ({ shard, countedSince }) => `  ${shard}: the stream holds records since ${new Date(countedSince).toISOString()}`,
    ),
    outcomes[outcome](served, replayed),
  ];
}

const outcomes: Record<ReplayResult['outcome'], (served: string, replayed: string) => string> = {
  unfinished: (_, replayed) => `${replayed} is incomplete.`,
  switched: (served, replayed) => `${replayed} is active now. Free the old one with: mem generations remove ${served}`,
  'dry run': (served) => `${served} is still active; the new generation is discarded.`,
  'would lose': (served, replayed) =>
    `${served} is still active: the stream no longer holds everything that was counted, and ${replayed} would count less. ` +
    `To switch all the same: mem replay --resume ${replayed} --accept-loss`,
  overtaken: (_, replayed) => `Another generation has become active meanwhile: ${replayed} is not needed.`,
};

function describeDifference({ experiment, kind, field, served, replayed }: Difference): string {
  return printable(
    `  ${experiment.namespace}/${experiment.experiment} ${kind} ${field}: ${served} active, ${replayed} replayed`,
  );
}

function toTime(text: string): number {
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw new InvalidArgumentError('expected a time such as 2026-11-01T00:00:00Z.');
  return time;
}

function toSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 15 || seconds > 86_400) {
    throw new InvalidArgumentError('expected whole seconds from 15 to 86400.');
  }
  return seconds;
}

function toGeneration(text: string): string {
  if (!/^g\d+$/.test(text)) throw new InvalidArgumentError('expected a generation such as g7.');
  return text;
}

/** `mem generations list|remove` */
export function addGenerationsCommand(program: Command): void {
  const generations = program
    .command('generations')
    .description('list the generations of counters, or free one')
    .addHelpText('after', '\nExamples:\n  mem generations\n  mem generations remove g3');

  addListByDefault(generations)
    .description('show which generations hold counters, and which is active')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  mem generations\n  mem generations list --json')
    .action(async (options: { json?: boolean }, command: Command) => {
      await withStores(command, async (stores) => {
        const rows = await describeGenerations(stores);
        const lines = tableLines(rows.map(toCells));
        const rebuilding = await isRebuilding(stores);
        const none = rebuilding ? 'no counters at this moment' : 'nothing counted yet';
        process.stdout.write(options.json ? `${JSON.stringify(rows)}\n` : `${lines.join('\n') || none}\n`);
        if (rebuilding) process.stderr.write(`mem: ${REBUILDING}\n`);
        const [older] = rows.filter(({ served }) => !served);
        if (older && !options.json) process.stderr.write(wayBack(older.generation));
      });
    });

  generations
    .command('remove <generation>')
    .description('free the memory of a generation that is not active')
    .addHelpText('after', '\nExample:\n  mem generations remove g3')
    .action(async (generation: string, _options: unknown, command: Command) => {
      await withStores(command, async (stores) => {
        const known = await stores.generationStore.list();
        if (!known.includes(generation)) {
          throw new Error(`${generation}: expected one of ${known.join(', ') || 'none'}`);
        }
        await stores.generationStore.remove(generation);
        process.stdout.write(`${generation} is gone.\n`);
      });
    });
}

interface DescribedGeneration {
  generation: string;
  served: boolean;
  experiments: number;
  /** When its first number was given out, ISO 8601; null for one of an earlier version. */
  begun: string | null;
  /** Shards in which it is not as far as the active one. */
  behind: number;
}

async function describeGenerations(stores: AllStores): Promise<DescribedGeneration[]> {
  const active = await stores.counters.readPointer();
  const goals = active === undefined ? new Map<string, string>() : await stores.generationStore.watermarks(active);
  const names = (await stores.generationStore.list()).sort((a, b) => numberOf(a) - numberOf(b));
  const begun = await stores.generationTimes.readAll();
  return mapAtOnce(GENERATIONS_AT_ONCE, names, async (generation) => {
    const reached = await stores.generationStore.watermarks(generation);
    const at = begun.get(generation);
    return {
      generation,
      served: generation === active,
      experiments: (await stores.counterReader.experiments(generation)).length,
      begun: at === undefined ? null : new Date(at).toISOString(),
      behind: [...goals].filter(([shard, goal]) => compareSequence(reached.get(shard) ?? '0', goal) < 0).length,
    };
  });
}

const GENERATIONS_AT_ONCE = 8;

/** `g7`, and whatever a layout adds to it. */
const numberOf = (generation: string) => Number.parseInt(generation.slice(1), 10);

function toCells({ generation, served, experiments, begun, behind }: DescribedGeneration): string[] {
  const state = served ? 'active' : behind === 0 ? 'as far as the active one' : `behind in ${behind} shards`;
  return [
    `${served ? '*' : ' '} ${generation}`,
    `${experiments} experiments`,
    begun === null ? '' : `begun ${begun}`,
    state,
  ];
}

function wayBack(generation: string): string {
  return (
    `To go back: mem replay --resume ${generation} brings it up to date from the stream and makes it active. ` +
    `To free its memory: mem generations remove ${generation}\n`
  );
}
