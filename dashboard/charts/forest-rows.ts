import type { ExperimentAnswer, GoalAnswer, GoalResult } from '../../shared/contract/answers.ts';
import type { PairDescription, Range, Verdict } from '../../shared/contract/statistics.ts';

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
