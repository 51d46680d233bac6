import type { ExperimentAnswer, GoalAnswer, GoalResult } from '../../shared/contract/answers.ts';
import { metricKinds, type PairDescription, type Range, type Verdict } from '../../shared/contract/statistics.ts';
import { formatDifference, formatLift, formatMean, formatP, formatShare, isolate } from '../text/format.ts';

/** One variant of one metric in the forest plot. */
export interface ForestRow {
  id: string;
  goal: GoalAnswer;
  result: GoalResult;
  baselineResult: GoalResult | undefined;
  /** Its place among the variants, the baseline being 0: what its colour and sign follow. */
  variantIndex: number;
  verdict: Verdict;
  description: PairDescription | null;
  /** Null where the data define no lift yet. */
  lift: Range | null;
  significant: boolean;
}

export interface ForestGroup {
  goal: GoalAnswer;
  rows: ForestRow[];
}

export interface ForestChoice {
  mutedVariants: readonly string[];
  leftOutMetrics: readonly string[];
}

/** Metric -> variants, without what the reader has muted or left out. */
export function forestGroups(
  { variants }: Pick<ExperimentAnswer, 'variants'>,
  metrics: readonly GoalAnswer[],
  { mutedVariants, leftOutMetrics }: ForestChoice,
): ForestGroup[] {
  const order = variants.filter(({ compared }) => compared).map(({ name }) => name);
  return metrics
    .filter(({ id }) => !leftOutMetrics.includes(id))
    .map((goal) => ({
      goal,
      rows: goal.results.flatMap((result): ForestRow[] => {
        const { comparison, variant } = result;
        if (!comparison || mutedVariants.includes(variant)) return [];
        const { verdict, description } = comparison;
        const lift = description?.lift;
        return [
          {
            id: JSON.stringify([goal.id, variant]),
            goal,
            result,
            baselineResult: goal.results.find((other) => !other.comparison),
            variantIndex: order.indexOf(variant),
            verdict,
            description,
            lift: lift && lift.value !== null ? lift : null,
            significant: verdict.kind === 'winning' || verdict.kind === 'losing',
          },
        ];
      }),
    }))
    .filter(({ rows }) => rows.length > 0);
}

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
  const isShare = metricKinds[goal.metric] === 'rate';
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
