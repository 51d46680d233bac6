import type { ForestRow } from './forest-rows.ts';
import { formatDifference, formatLift, formatMean, formatP, formatShare } from '../text/format.ts';
import { isolate } from '../text/isolate.ts';

/** A row of the forest plot for those who cannot see it. */
export function rowSentence({ goal, result, lift, verdict }: ForestRow): string {
  const who = `${isolate(result.variant)} on ${isolate(goal.label)}`;
  if (!lift) return `${who}: ${verdict.sentence}`;
  const range = `95 % interval from ${formatLift(lift.interval95.low)} to ${formatLift(lift.interval95.high)}`;
  return `${who}: lift ${formatLift(lift.value)} in one look, ${range}. Verdict: ${verdict.sentence}`;
}

/** The lines of a row's tooltip: what, and how much. */
export function rowFigures({
  goal,
  result,
  baselineResult,
  description,
}: ForestRow): { what: string; figure: string }[] {
  const isShare = goal.metric === 'conversions' || goal.metric === 'pct';
  const plain = isShare ? formatShare : formatMean;
  const difference = description?.difference;
  const p = result.comparison?.evidence.fixed?.p ?? null;
  const measured = (of: typeof result | undefined) =>
    of && of.measured.value !== null ? `${plain(of.measured.value)} ± ${plain(of.measured.deviation)}` : '–';
  return [
    ...(description && difference && difference.value !== null
      ? [
          {
            what: 'Difference ± SE',
            figure: `${isShare ? signedShare(difference.value) : formatDifference(difference.value)} ± ${plain(description.standardError)}`,
          },
        ]
      : []),
    ...(p !== null ? [{ what: 'p, one look', figure: formatP(p) }] : []),
    { what: `${isolate(result.variant)}, mean ± sd`, figure: measured(result) },
    { what: `${isolate(baselineResult?.variant ?? 'baseline')}, mean ± sd`, figure: measured(baselineResult) },
    {
      what: 'n',
      figure: `${result.units.toLocaleString('en-US')} and ${(baselineResult?.units ?? 0).toLocaleString('en-US')}`,
    },
  ];
}

function signedShare(share: number): string {
  return `${share > 0 ? '+' : ''}${formatShare(share)}`;
}
