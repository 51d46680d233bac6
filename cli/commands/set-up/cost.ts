import { InvalidArgumentError, Option, type Command } from 'commander';
import { UsageError } from '../../outcome.ts';
import { priceOf, sumOf, type Load, type Part } from '../../cost/price.ts';
import { OTHERS, PRICES, type Prices } from '../../cost/prices.ts';
import { ASSUMED, SETTINGS } from '../../cost/usage.ts';
import { firstWall, needsAt, type Need } from '../../cost/peak.ts';
import { parseShare } from '../../arguments.ts';
import { tableLines } from '../../output/table.ts';

interface Options {
  events: number;
  batch: number;
  region?: string;
  duplicates: number;
  copies?: number;
  ingestMs: number;
  window: number;
  visitors: number;
  redis: Load['redis'];
  claims: Load['claims'];
  capacityUse: number;
  configRequests: number;
  eventLog: boolean;
  peak?: number;
  json?: boolean;
}

/** `mem cost` */
export function addCostCommand(program: Command): void {
  program
    .command('cost')
    .description('what a month on AWS costs, part by part')
    .option('--events <number>', 'different events a month: 100M, 250k', parseMany, 100e6)
    .option('--batch <number>', 'events in one request', parseBatch, 1)
    .option('--duplicates <share>', 'events that browsers send again, of all', parseShare, ASSUMED.duplicates)
    .addOption(new Option('--copies <share>', 'the older name of --duplicates').argParser(parseShare).hideHelp())
    .option(
      '--ingest-ms <ms>',
      'how long the ingest function takes for a request of one event',
      parsePositive,
      ASSUMED.ingestMs,
    )
    .option('--window <seconds>', "the consumer's batch window", parsePositive, SETTINGS.batchWindowSeconds)
    .option('--visitors <number>', 'visitors with a unit that Redis remembers, over all experiments', parseMany, 0)
    .addOption(
      new Option('--redis <kind>', 'Valkey Serverless, or one that you have')
        .choices(['serverless', 'own'])
        .default('serverless'),
    )
    .addOption(
      new Option('--claims <kind>', 'paid by the write, or provisioned: claimsCapacity')
        .choices(['on-demand', 'provisioned'])
        .default('on-demand'),
    )
    .option('--capacity-use <share>', 'how much is used of what is provisioned', parseUse, ASSUMED.capacityUse)
    .option('--no-event-log', 'without the event log: eventLog is false')
    .option('--config-requests <number>', 'for /v1/config, beyond what caches answer, a month', parseMany, 0)
    .option('--peak <number>', 'instead: what each part needs at so many events a second, and its quota', parseMany)
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  mem cost --events 100M --batch 10\n  mem cost --peak 20k --batch 10')
    .action((_options: unknown, command: Command) => {
      const { region = 'us-east-1', json, peak, ...options } = command.optsWithGlobals<Options>();
      if (peak !== undefined) {
        const needs = needsAt({ events: peak, perRequest: options.batch });
        process.stdout.write(`${(json ? [JSON.stringify(needs)] : peakLines(peak, options.batch)).join('\n')}\n`);
        return;
      }
      const prices = PRICES.find((candidate) => candidate.region === region);
      if (!prices) {
        const known = PRICES.map((candidate) => candidate.region).join(', ');
        throw new UsageError(`--region: expected a region whose prices are known (${known}), got ${region}`);
      }
      const load = toLoad(options);
      const parts = priceOf(load, prices);
      process.stdout.write(
        json
          ? `${JSON.stringify({ region, date: prices.date, load: { ...load, copies: load.duplicates }, parts, ...totals(parts, load) })}\n`
          : `${costLines(parts, load, prices).join('\n')}\n`,
      );
    });
}

/** What each part needs at a peak, and how much room its quota leaves. */
export function peakLines(events: number, perRequest: number): string[] {
  const rows = needsAt({ events, perRequest }).map((need) => [
    need.part,
    whole(need.need),
    need.quota === Infinity ? 'none' : whole(need.quota),
    roomOf(need),
    need.unit,
    need.more,
  ]);
  const { part, events: most } = firstWall(perRequest);
  return [
    `${whole(events)} events a second, ${perRequest} in a request; an account's quotas before it asks for more`,
    '',
    ...tableLines([['part', 'needs', 'quota', 'uses', '', 'what moves it'], ...rows], new Set([1, 2, 3])),
    '',
    `The first wall is ${part}, at ${whole(most)} events a second.`,
  ];
}

const whole = (value: number) => Math.ceil(value).toLocaleString('en');

function roomOf({ need, quota }: Need): string {
  return quota === Infinity ? '' : `${Math.ceil((100 * need) / quota)} %`;
}

function toLoad({
  events,
  batch,
  duplicates,
  copies,
  ingestMs,
  window,
  visitors,
  redis,
  claims,
  capacityUse,
  configRequests,
  eventLog,
}: Options): Load {
  return {
    events,
    perRequest: batch,
    duplicates: copies ?? duplicates,
    ingestMs,
    batchWindowSeconds: window,
    visitors,
    redis,
    claims,
    capacityUse,
    configRequests,
    eventLog,
  };
}

/** Without events there is nothing that a million of them costs. */
function totals(parts: readonly Part[], { events }: Load) {
  const growing = sumOf(parts, ['event', 'batch']);
  const growingPerMillion = events === 0 ? null : growing / (events / 1e6);
  return { total: sumOf(parts), growing, fixed: sumOf(parts, ['month']), growingPerMillion };
}

const HEADINGS: Record<Part['kind'], string> = {
  event: 'Grows with events',
  batch: 'Grows with batches, while there is traffic',
  month: 'A month without any event',
};

/** A table for a terminal. */
export function costLines(parts: readonly Part[], load: Load, prices: Prices): string[] {
  const millions = load.events / 1e6;
  const { total, growing, fixed } = totals(parts, load);
  const perMillion = (dollars: number, digits: number) => (millions === 0 ? '' : (dollars / millions).toFixed(digits));
  const others = othersPerMillion(prices);
  const rows = (['event', 'batch', 'month'] as const).flatMap((kind) => [
    ...['', HEADINGS[kind]].map((heading) => [heading, '', '', '']),
    ...parts
      .filter((part) => part.kind === kind)
      .map(({ name, dollars, because }) => [
        `  ${name}`,
        dollars.toFixed(2),
        kind === 'month' ? '' : perMillion(dollars, 4),
        because,
      ]),
  ]);
  return [
    `${millions.toLocaleString('en')} million events a month, ${load.perRequest} in a request, and ${load.duplicates * 100} % duplicates; ${prices.region}, prices of ${prices.date}, US dollars`,
    ...tableLines([['', 'a month', 'a million', ''], ...rows], new Set([1, 2])),
    '',
    ...tableLines(
      [
        ['grows with traffic', growing.toFixed(2), perMillion(growing, 2)],
        ['fixed', fixed.toFixed(2), ''],
        ['total', total.toFixed(2), perMillion(total, 2)],
        [
          'Gimel or Lamed, one event in a request, without its Redis',
          (others * millions * (1 + load.duplicates)).toFixed(2),
          (others * (1 + load.duplicates)).toFixed(2),
        ],
      ],
      new Set([1, 2]),
    ),
  ];
}

/** REST API, Lambda and its time, for events that come one by one. */
function othersPerMillion({ lambdaPerMillion }: Prices): number {
  const { restApiPerMillion, memoryGb, milliseconds, lambdaPerGbSecond } = OTHERS;
  return restApiPerMillion + lambdaPerMillion + memoryGb * (milliseconds / 1_000) * 1e6 * lambdaPerGbSecond;
}

function parseMany(text: string): number {
  const [, digits, unit = ''] = /^(\d+(?:\.\d+)?(?:e\d{1,2})?)([kMG]?)$/.exec(text) ?? [];
  const count = Number(digits) * { '': 1, k: 1e3, M: 1e6, G: 1e9 }[unit as '' | 'k' | 'M' | 'G'];
  if (!(count >= 0)) throw new InvalidArgumentError('expected a number such as 100M, 250k, 1e9 or 5000.');
  return count;
}

function parseBatch(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 250) {
    throw new InvalidArgumentError('expected a whole number from 1 to 250.');
  }
  return count;
}

function parseUse(text: string): number {
  const share = parseShare(text);
  if (share === 0) throw new InvalidArgumentError('expected a number above 0, up to 1.');
  return share;
}

function parsePositive(text: string): number {
  const number = Number(text);
  if (text === '' || !(number > 0 && number <= 1_000)) {
    throw new InvalidArgumentError('expected a number above 0, up to 1000.');
  }
  return number;
}
