import { scaleLinear } from 'd3-scale';
import type { ExperimentAnswer, GoalAnswer, GoalResult } from '../../shared/contract/answers.ts';
import { percent } from '../../shared/contract/figures.ts';
import { sharedExtent } from '../charts/extent.ts';
import { IntervalAxis } from '../charts/interval-bar.tsx';
import { Name } from '../parts/labels.tsx';
import { metricAbout } from '../text/sentences.ts';
import { GoalRow, shownLift } from './goal-row.tsx';

interface GoalTableProps {
  answer: ExperimentAnswer;
  goals: readonly GoalAnswer[];
  caption: string;
}

/** The goals of one set: a group of rows for each, the baseline first, and one axis for all of them. */
export function GoalTable({ answer, goals, caption }: GoalTableProps) {
  const { method, alpha } = answer;
  const lifts = goals.flatMap(({ results }) => results.flatMap((result) => shownLift(result, method) ?? []));
  const scale = scaleLinear().domain(sharedExtent(lifts)).range([0, 100]);
  const levels = goals.flatMap(({ results }) =>
    results.map(({ comparison }) => comparison?.evidence[method]?.alpha ?? alpha),
  );
  const corrected = levels.some((one) => one !== alpha);
  const level = percent(1 - alpha);
  return (
    <div class="card table-card">
      <table class="goal-table" role="table">
        <caption class="unseen">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Variant
            </th>
            <th scope="col" role="columnheader" class="number">
              Measured
            </th>
            <th scope="col" role="columnheader" class="number">
              Lift
            </th>
            <th scope="col" role="columnheader" class="cell-interval">
              <span class="axis-title">
                Lift, {level} interval{corrected && ' (corrected)'}
              </span>
              <IntervalAxis scale={scale} />
            </th>
            <th scope="col" role="columnheader" class="number">
              {method === 'bayesian' ? 'Chance above' : 'p'}
            </th>
            <th scope="col" role="columnheader">
              Verdict
            </th>
          </tr>
        </thead>
        {goals.map((goal) => (
          <tbody key={goal.id} role="rowgroup">
            <tr role="row" class="goal-head">
              <th scope="rowgroup" role="rowheader" colSpan={6}>
                <Name of={goal.name} />
                <span class="goal-about">
                  {metricAbout(goal)}
                  {goal.better === 'lower' && ', lower is better'}
                  {!goal.received && ', never received'}
                </span>
                {goal.description && (
                  <span class="goal-description" dir="auto">
                    {goal.description}
                  </span>
                )}
              </th>
            </tr>
            {goal.results.map((result, index) => (
              <GoalRow
                key={result.variant}
                goal={goal}
                result={result}
                method={method}
                scale={scale}
                repeats={causeOf(result) !== null && causeOf(result) === causeOf(goal.results[index - 1])}
              />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

function causeOf(result: GoalResult | undefined): string | null {
  return result?.comparison?.verdict.cause ?? null;
}
