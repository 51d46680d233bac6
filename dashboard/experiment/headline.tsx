import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { Name, VerdictChip } from '../parts/labels.tsx';
import { formatDay } from '../text/format.ts';
import { verdictReason } from '../text/sentences.ts';

/** The answer in one sentence: the decision where one was made, and what the first primary goal says. */
export function Headline({ answer }: { answer: ExperimentAnswer }) {
  const { headline: told } = answer;
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
              <Name of={told.variant} /> on <Name of={told.goal} />
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
