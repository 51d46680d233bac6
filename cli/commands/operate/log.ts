import { once } from 'node:events';
import { InvalidArgumentError, type Command } from 'commander';
import type { LoggedEvent } from '../../../shared/counting/log/event-log.ts';
import type { SurveyedFile } from '../../../shared/stores/log/survey.ts';
import { addListByDefault } from '../../arguments.ts';
import { EXIT, UsageError } from '../../outcome.ts';
import { printable, tableLines } from '../../output/table.ts';
import { withStores, withTables } from '../../stores.ts';
import { findSystem, type SystemOptions } from '../../system.ts';
import { countRows, findUncounted, type RowCounts } from '../../log-rows.ts';
import { countNoun } from '../../../shared/reporting/warnings/facts.ts';
import type { AllStores } from '../../../shared/stores/connect.ts';
import type { EventFile } from '../../../shared/stores/log/event-file.ts';
import { toField } from '../../../shared/reporting/formats/csv.ts';

interface PlaceOptions extends SystemOptions {
  files?: string;
  json?: boolean;
}

interface VerifyOptions extends PlaceOptions {
  counts?: boolean;
}

interface ExportOptions extends PlaceOptions {
  format: 'csv' | 'ndjson';
  experiment?: string;
  namespace?: string;
  since?: number;
  until?: number;
}

const FORMATS = ['csv', 'ndjson'] as const;

/** `mem log` */
export function addLogCommand(program: Command): void {
  const log = program
    .command('log')
    .description('look at the event log: every counted event, once, in Parquet files')
    .addHelpText('after', '\nExamples:\n  mem log list\n  mem log verify --stage prod\n  mem log prune --yes');
  const withPlace = (command: Command) =>
    command.option('--files <place>', 'where they are: a folder, or s3://bucket; else what the system says');

  withPlace(addListByDefault(log))
    .description('show what each shard has: files, rows, bytes, times, losses')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  mem log list --json')
    .action(async (_: PlaceOptions, command: Command) => {
      const { json, ...options } = command.optsWithGlobals<PlaceOptions>();
      const shards = await summarizeShards(await survey(options));
      process.stdout.write(json ? `${JSON.stringify({ shards })}\n` : `${shardLines(shards).join('\n')}\n`);
    });

  withPlace(log.command('verify'))
    .description(
      'read every file, and check digests and chains; exits with 1 where a file is damaged, newer or missing',
    )
    .option('--counts', 'no event has more rows than the counters say; needs a Redis that can be reached from here')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  mem log verify --files s3://my-event-log')
    .action(async (_: VerifyOptions, command: Command) => {
      const options = command.optsWithGlobals<VerifyOptions>();
      if (options.counts) await withStores(command, (stores) => verify(options, stores));
      else await verify(options);
    });

  withPlace(log.command('export'))
    .description('print the events to stdout, shard by shard, in the order in which they were counted')
    .option('--format <format>', FORMATS.join(' or '), parseFormat, 'csv')
    .option('--namespace <name>', 'of this namespace alone')
    .option('--experiment <name>', 'of this experiment alone')
    .option('--since <time>', 'received at this time or later, such as 2026-01-31', parseTime)
    .option('--until <time>', 'received before this time', parseTime)
    .addHelpText('after', '\nExample:\n  mem log export --experiment button --since 2026-01-31 > button.csv')
    .action(async (_: ExportOptions, command: Command) => {
      const options = command.optsWithGlobals<ExportOptions>();
      for await (const text of exportEvents(await survey(options), options)) {
        if (!process.stdout.write(text)) await once(process.stdout, 'drain');
      }
    });

  addPrune(log);
}

/** @param stores where counters are to be looked at, too */
async function verify({ json, ...options }: VerifyOptions, stores?: AllStores): Promise<void> {
  const rows: RowCounts = new Map();
  const shards = await summarizeShards(await survey(options), stores && ((file) => countRows(file, rows)));
  const uncounted = stores ? await findUncounted(rows, stores) : [];
  const faults = [...shards.flatMap((shard) => shard.faults), ...uncounted];
  const files = shards.reduce((sum, shard) => sum + shard.files, 0);
  const whole = `${files.toLocaleString('en')} files are whole, and no chain has a gap${stores ? ', and every row is counted' : ''}`;
  process.stdout.write(
    json ? `${JSON.stringify({ files, faults })}\n` : `${faults.length > 0 ? faults.join('\n') : whole}\n`,
  );
  if (faults.length > 0) process.exitCode = EXIT.failed;
}

/** @param log the command group */
function addPrune(log: Command): void {
  log
    .command('prune')
    .description('write files anew without the rows of experiments that were deleted')
    .option('--yes', 'confirm')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  mem log prune --yes')
    .action(async ({ yes, json }: { yes?: boolean; json?: boolean }, command: Command) => {
      if (!yes) throw new UsageError('the rows of deleted experiments cannot be brought back: confirm with --yes');
      const place = await findPlace(command.optsWithGlobals<PlaceOptions>());
      const [{ openEventLog }, { withoutDead }] = await Promise.all([
        import('../../../shared/stores/log/open.ts'),
        import('../../../shared/counting/log/change-rows.ts'),
      ]);
      await withTables(command, async ({ deletions }) => {
        const incarnations = await deletions.readAll();
        const { files, rows } = await (await openEventLog(place)).rewrite(withoutDead(incarnations));
        const said = `${countNoun(rows, 'row')} of deleted experiments removed from ${countNoun(files, 'file')}`;
        process.stdout.write(json ? `${JSON.stringify({ files, rows })}\n` : `${said}\n`);
      });
    });
}

async function survey(options: PlaceOptions): Promise<AsyncIterable<SurveyedFile>> {
  const place = await findPlace(options);
  const [{ openObjects }, { surveyLog }] = await Promise.all([
    import('../../../shared/stores/log/open.ts'), // only now: help needs neither S3 nor Parquet
    import('../../../shared/stores/log/survey.ts'),
  ]);
  return surveyLog(await openObjects(place));
}

async function findPlace({ files, ...which }: PlaceOptions): Promise<string> {
  if (files !== undefined) return files;
  const { name, settings } = await findSystem(which);
  if (settings.EVENT_LOG) return settings.EVENT_LOG;
  throw new UsageError(`${name} keeps no event log; --files names the place of one that is not its own`);
}

export interface ShardSummary {
  shard: string;
  files: number;
  rows: number;
  bytes: number;
  /** Arrival of the first and the last record, ms; undefined where no file can be used. */
  first: number | undefined;
  last: number | undefined;
  /** How many files lack their beginning. */
  losses: number;
  faults: string[];
}

/** @param onFile told of each file that can be used */
export async function summarizeShards(
  files: AsyncIterable<SurveyedFile>,
  onFile?: (file: EventFile) => Promise<void>,
): Promise<ShardSummary[]> {
  const shards = new Map<string, ShardSummary>();
  for await (const { shard, bytes, faults, file } of files) {
    if (file) await onFile?.(file);
    const before = shards.get(shard) ?? emptySummary(shard);
    shards.set(shard, {
      ...before,
      files: before.files + 1,
      rows: before.rows + (file?.rows ?? 0),
      bytes: before.bytes + bytes,
      first: before.first ?? file?.header.firstArrival,
      last: file?.header.lastArrival ?? before.last,
      losses: before.losses + (file?.header.lost ? 1 : 0),
      faults: [...before.faults, ...faults],
    });
  }
  return [...shards.values()];
}

function emptySummary(shard: string): ShardSummary {
  return { shard, files: 0, rows: 0, bytes: 0, first: undefined, last: undefined, losses: 0, faults: [] };
}

function shardLines(shards: readonly ShardSummary[]): string[] {
  if (shards.length === 0) return ['there are no files yet'];
  const time = (at: number | undefined) => (at === undefined ? '' : new Date(at).toISOString());
  const rows = shards.map(({ shard, files, rows: events, bytes, first, last, losses, faults }) => [
    ...[printable(shard), ...[files, events, bytes].map((count) => count.toLocaleString('en'))],
    ...[time(first), time(last), String(losses), String(faults.length)],
  ]);
  const header = ['shard', 'files', 'rows', 'bytes', 'first arrival', 'last arrival', 'losses', 'faults'];
  return tableLines([header, ...rows], new Set([1, 2, 3, 6, 7]));
}

const COLUMNS = [
  ...['namespace', 'experiment', 'incarnation', 'variant', 'event', 'uuid', 'unit', 'value', 'segments'],
  ...['received_at', 'shard', 'sequence', 'index'],
] as const;

type Row = Record<Exclude<(typeof COLUMNS)[number], 'segments'>, string | number | null> & {
  segments: Readonly<Record<string, string>> | null;
};

/**
 * The rows as text, some thousand lines at a time.
 * @throws Error at a file that cannot be used: an export is whole, or none
 */
export async function* exportEvents(
  files: AsyncIterable<SurveyedFile>,
  options: Pick<ExportOptions, 'format' | 'experiment' | 'namespace' | 'since' | 'until'>,
): AsyncGenerator<string> {
  const toLine = options.format === 'csv' ? toCsv : JSON.stringify;
  if (options.format === 'csv') yield `${COLUMNS.join(',')}\n`;
  for await (const { shard, faults, file } of files) {
    if (!file || faults.length > 0) throw new Error(faults.join('; '));
    for await (const page of file.pages()) {
      const wanted = page.filter((logged) => isWanted(logged, options));
      if (wanted.length > 0) yield wanted.map((logged) => `${toLine(toRow(shard, logged))}\n`).join('');
    }
  }
}

function isWanted(
  { event, at }: LoggedEvent,
  { namespace, experiment, since = -Infinity, until = Infinity }: Partial<ExportOptions>,
): boolean {
  if (namespace !== undefined && event.namespace !== namespace) return false;
  if (experiment !== undefined && event.experiment !== experiment) return false;
  return at >= since && at < until;
}

function toRow(shard: string, { event, incarnation, at, sequence, index }: LoggedEvent): Row {
  const { namespace, experiment, variant, event: name, uuid, unit = null, value = null, segments = null } = event;
  const where =
    experiment === undefined
      ? { experiment: null, incarnation: null, variant: null }
      : { experiment, incarnation, variant };
  return {
    ...{ namespace, ...where, event: name, uuid, unit, value, segments },
    ...{ received_at: new Date(at).toISOString(), shard, sequence, index },
  };
}

function toCsv({ segments, ...row }: Row): string {
  const cells = { ...row, segments: segments && JSON.stringify(segments) };
  return COLUMNS.map((column) => toField(cells[column])).join(',');
}

function parseFormat(text: string): ExportOptions['format'] {
  const format = FORMATS.find((known) => known === text);
  if (format === undefined) throw new InvalidArgumentError(`expected ${FORMATS.join(' or ')}.`);
  return format;
}

function parseTime(text: string): number {
  const at = Date.parse(text);
  if (Number.isNaN(at)) throw new InvalidArgumentError('expected a time such as 2026-01-31 or 2026-01-31T12:00:00Z.');
  return at;
}
