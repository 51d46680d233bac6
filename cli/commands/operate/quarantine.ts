import type { Command } from 'commander';
import { parseCount } from '../../arguments.ts';
import { printable, tableLines } from '../../output/table.ts';
import { withTables } from '../../stores.ts';
import type { QuarantineEntry } from '../../../shared/counting/ports.ts';

interface Options {
  limit: number;
  json?: boolean;
  reasons?: boolean;
}

const NUMBERS = new Set([1, 2]);

/** `mem quarantine` */
export function addQuarantineCommand(program: Command): void {
  program
    .command('quarantine')
    .description('show samples of accepted events that were not counted, and why: the newest first')
    .option('--limit <number>', 'show so many records', parseCount, 20)
    .option('--reasons', 'only how many there are of each reason')
    .option('--json', 'print as JSON, with what the records hold')
    .addHelpText('after', '\nExamples:\n  mem quarantine --reasons\n  mem quarantine --limit 5 --json')
    .action(async ({ limit, json = false, reasons = false }: Options, command: Command) => {
      await withTables(command, async ({ quarantine }) => {
        const summary = await summarizeQuarantine(quarantine.entries(json), reasons ? 0 : limit);
        process.stdout.write(json ? `${JSON.stringify(toJson(summary))}\n` : `${summaryLines(summary).join('\n')}\n`);
      });
    });
}

function summaryLines({ records, events, reasons, newest }: QuarantineSummary): string[] {
  if (records === 0) return ['nothing is in quarantine'];
  const counts = reasons.map(({ code, records: number, events: refused, example }) => [
    code,
    String(number),
    String(refused),
    printable(example),
  ]);
  const rows = newest.map(({ at, code, events: refused, place, reason }) => [
    new Date(at).toISOString(),
    String(refused),
    code,
    printable(reason),
    printable(place),
  ]);
  return [
    `${records.toLocaleString('en')} records, with ${events.toLocaleString('en')} refused events`,
    '',
    ...tableLines([['reason', 'records', 'events', 'latest'], ...counts], NUMBERS),
    ...(rows.length === 0
      ? []
      : ['', ...tableLines([['time', 'events', 'reason', 'detail', 'position'], ...rows], new Set([1]))]),
  ];
}

/** Refused events as they are; the bytes of a record that nobody can read as base64. */
function toJson({ newest, ...summary }: QuarantineSummary) {
  return {
    ...summary,
    newest: newest.map(({ at, data, ...entry }) => ({
      ...entry,
      at: new Date(at).toISOString(),
      ...contentOf(entry.code, data),
    })),
  };
}

function contentOf(code: string, data: Uint8Array): { refused: unknown } | { base64: string } {
  const bytes = Buffer.from(data);
  if (code === 'unreadable') return { base64: bytes.toString('base64') };
  try {
    return { refused: JSON.parse(bytes.toString('utf8')) as unknown };
  } catch {
    return { base64: bytes.toString('base64') }; // too long to be kept whole
  }
}

/** What is in quarantine, in short. */
export interface QuarantineSummary {
  records: number;
  /** Refused events; records that cannot be read have none that anybody could count. */
  events: number;
  /** By code, the most frequent first. */
  reasons: ReasonSummary[];
  /** The newest first. */
  newest: QuarantineEntry[];
}

export interface ReasonSummary {
  code: string;
  records: number;
  events: number;
  /** The newest one's. */
  example: string;
}

/** @param shown how many entries are kept: anybody may have made millions */
export async function summarizeQuarantine(
  entries: AsyncIterable<QuarantineEntry>,
  shown: number,
): Promise<QuarantineSummary> {
  const reasons = new Map<string, { summary: ReasonSummary; at: number }>();
  let newest: QuarantineEntry[] = [];
  for await (const entry of entries) {
    const { code, reason, events, at } = entry;
    const { summary, at: newestAt } = reasons.get(code) ?? {
      summary: { code, records: 0, events: 0, example: reason },
      at,
    };
    const example = at >= newestAt ? reason : summary.example;
    reasons.set(code, {
      summary: { code, records: summary.records + 1, events: summary.events + events, example },
      at: Math.max(at, newestAt),
    });
    newest.push(entry);
    if (newest.length > 2 * shown + 100) newest = newestOf(newest, shown);
  }
  const counted = [...reasons.values()].map(({ summary }) => summary).sort((a, b) => b.records - a.records);
  return {
    records: counted.reduce((sum, { records }) => sum + records, 0),
    events: counted.reduce((sum, { events }) => sum + events, 0),
    reasons: counted,
    newest: newestOf(newest, shown),
  };
}

function newestOf(entries: QuarantineEntry[], shown: number): QuarantineEntry[] {
  return entries.sort((a, b) => b.at - a.at).slice(0, shown);
}
