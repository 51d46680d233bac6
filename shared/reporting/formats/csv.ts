import type { Conclusion } from '../../contract/report/conclusion.ts';
import type { Range, Undetermined } from '../../contract/statistics.ts';
import { undetermined } from '../../../stats/estimate.ts';
import type { ExperimentAnswer, ExperimentList, GoalResult, SeriesAnswer } from '../../contract/answers.ts';

type Cell = string | number | boolean | null | undefined;

/** Rows under a header, as RFC 4180 has it, with a mark that makes spreadsheets read it as UTF-8. */
function toCsv(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return `\ufeff${[header, ...rows].map((row) => `${row.map(toField).join(',')}\r\n`).join('')}`;
}

/**
 * A text that a spreadsheet would take for a formula gets an apostrophe: names of experiments come from the open
 * internet. Numbers stay numbers, negative ones too.
 */
export function toField(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  const text = /^\s*[=+\-@|%\uff1d\uff0b\uff0d\uff20]|^[\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",;\r\n\t']/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

const CONCLUSION = ['conclusion', 'conclusion_variant', 'conclusion_title', 'reasons'];

function conclusionCells({ advice, variant, title, reasons }: Conclusion): Cell[] {
  return [advice, variant, title, reasons.map(({ code }) => code).join(' ')];
}

export function listCsv({ namespace, experiments }: ExperimentList): string {
  const header = [
    ...['namespace', 'experiment', 'status', 'data', 'first_event', 'last_event', 'participants', 'variants', 'goals'],
    ...['primary_goal', 'variant', 'verdict', 'lift', 'sentence', 'warnings'],
    ...CONCLUSION,
  ];
  const rows = experiments.map(
    ({ name, status, data, firstEvent, lastEvent, participants, variants, goals, verdict, warnings, conclusion }) => [
      ...[namespace, name, status, data, firstEvent, lastEvent, participants, variants, goals],
      ...[verdict?.goal, verdict?.variant, verdict?.verdict.kind, verdict?.lift, verdict?.verdict.sentence],
      warnings.map(({ code }) => code).join(' '),
      ...conclusionCells(conclusion),
    ],
  );
  return toCsv(header, rows);
}

const ESTIMATE = ['value', 'low68', 'high68', 'low95', 'high95'];

/** One row for each goal (then metric) and variant: the basic, the absolute and the relative table side by side. */
export function experimentCsv(answer: ExperimentAnswer): string {
  const header = [
    ...['namespace', 'experiment', 'segment', 'set', 'goal', 'metric', 'variant', 'baseline', 'participants', 'count'],
    ...['units', 'converted', ...ESTIMATE.map((part) => `measured_${part}`), 'deviation'],
    ...[...ESTIMATE.map((part) => `difference_${part}`), ...ESTIMATE.map((part) => `lift_${part}`), 'standard_error'],
    ...['method', 'method_lift_low', 'method_lift_high', 'p', 'adjusted_p', 'chance_above', 'verdict', 'sentence'],
    'exposures',
    ...CONCLUSION,
  ];
  const { namespace, name, segment, baseline, variants } = answer;
  const rows = [...answer.goals, ...answer.metrics].flatMap((goal) =>
    goal.results.map((result) => {
      const variant = variants.find((candidate) => candidate.name === result.variant);
      return [
        ...[namespace, name, segment, goal.set, goal.name, goal.metric, result.variant, baseline],
        variant?.participants,
        ...resultCells(result, answer.method),
        variant?.exposures,
        ...conclusionCells(answer.conclusion),
      ];
    }),
  );
  return toCsv(header, rows);
}

function resultCells(
  { count, units, converted, measured, comparison }: GoalResult,
  method: ExperimentAnswer['method'],
): Cell[] {
  const evidence = comparison?.evidence[method];
  return [
    ...[count, units, converted, ...rangeCells(measured), measured.value === null ? null : measured.deviation],
    ...rangeCells(comparison?.description?.difference),
    ...rangeCells(comparison?.description?.lift),
    comparison?.description?.standardError,
    ...[method, ...(evidence && evidence.lift.value !== null ? [evidence.lift.low, evidence.lift.high] : [null, null])],
    ...[evidence?.p, evidence?.adjustedP, evidence?.chanceAbove],
    ...[comparison?.verdict.kind, comparison?.verdict.sentence],
  ];
}

function rangeCells(range: Range | Undetermined = undetermined('no data')): Cell[] {
  if (range.value === null) return ESTIMATE.map(() => null);
  const { value, interval68, interval95 } = range;
  return [value, interval68.low, interval68.high, interval95.low, interval95.high];
}

/** One row for each day and variant. */
export function seriesCsv({ namespace, name, goal, days, variants }: SeriesAnswer): string {
  const header = [
    ...['namespace', 'experiment', 'goal', 'day', 'variant', 'participants', 'conversions', 'cumulative_rate'],
    ...['cumulative_lift', 'cumulative_lift_low', 'cumulative_lift_high'],
  ];
  const rows = days.flatMap((day, i) =>
    variants.map(({ name: variant, participants, conversions, rate, lift }) => [
      ...[namespace, name, goal, day, variant, participants[i], conversions[i], rate[i]],
      ...[lift[i]?.value, lift[i]?.low, lift[i]?.high],
    ]),
  );
  return toCsv(header, rows);
}
