import type { ExperimentAnswer, GoalAnswer, GoalResult } from '../../shared/contract/answers.ts';
import type { Verdict } from '../../shared/contract/statistics.ts';
import { Icon } from '../parts/icon.tsx';
import { Name } from '../parts/name.tsx';
import { VerdictChip } from '../parts/verdict-chip.tsx';
import { formatDay } from '../text/format.ts';
import { verdictReason } from '../text/sentences.ts';

/** Which verdict says most: what the page opens with. */
const weight: Record<Verdict['kind'], number> = {
  winning: 0,
  losing: 1,
  invalid: 2,
  'need data': 3,
  'no clear difference': 4,
};

interface Told {
  goal: GoalAnswer;
  result: GoalResult;
  verdict: Verdict;
}

/** The answer in one sentence: the decision where one was made, and what the first primary goal says. */
export function Headline({ answer }: { answer: ExperimentAnswer }) {
  const told = mostTelling(answer);
  const decision = answer.definition?.decision;
  if (!told && !decision) return null;
  return (
    <section class="card headline" aria-label="In short">
      {decision && (
        <p class="headline-decision" dir="auto">
          <Icon name="flag" />
          <span>
            {decision.variant === undefined ? (
              'Given up'
            ) : (
              <>
                Decided: <Name of={decision.variant} /> stays
              </>
            )}
            {decision.day && `, ${formatDay(decision.day)}`}
            {decision.note && `. ${decision.note}`}
          </span>
        </p>
      )}
      {told && (
        <>
          <p class="headline-main">
            <VerdictChip verdict={told.verdict} />
            <span>
              <Name of={told.result.variant} /> on <Name of={told.goal.name} />
            </span>
          </p>
          <p class="headline-reason" dir="auto">
            {verdictReason(told.verdict)}
          </p>
        </>
      )}
    </section>
  );
}

function mostTelling({ goals }: ExperimentAnswer): Told | undefined {
  const goal = goals.find(({ set }) => set === 'primary');
  const told = goal?.results.flatMap((result) =>
    result.comparison ? { goal, result, verdict: result.comparison.verdict } : [],
  );
  return told?.sort((a, b) => weight[a.verdict.kind] - weight[b.verdict.kind])[0];
}
