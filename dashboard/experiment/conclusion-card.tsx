import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import type { Conclusion } from '../../shared/contract/report/conclusion.ts';
import { Icon } from '../parts/icon.tsx';
import { AdviceChip } from '../parts/labels.tsx';
import { formatDay } from '../text/format.ts';
import { capitalized } from '../text/sentences.ts';

interface ConclusionCardProps {
  answer: ExperimentAnswer;
  onDecide: () => void;
}

/** What the experiment comes to, in one line; under it the effect, the guardrails and what was checked. */
export function ConclusionCard({ answer, onDecide }: ConclusionCardProps) {
  const { conclusion, definition, exploratory } = answer;
  const decision = definition?.decision;
  return (
    <section class={`card conclusion conclusion-${conclusion.advice.replaceAll(' ', '-')}`} aria-label="Conclusion">
      <div class="conclusion-head">
        <AdviceChip conclusion={conclusion} />
        {!decision && answer.data !== 'no data' && (
          <button type="button" class={conclusion.needsDecision ? 'button button-main' : 'button'} onClick={onDecide}>
            <Icon name="flag" /> Decide
          </button>
        )}
      </div>
      {decision && (
        <p class="soft" dir="auto">
          {[decision.day && formatDay(decision.day), decision.by && `by ${decision.by}`, decision.note]
            .filter(Boolean)
            .join(' · ')}
        </p>
      )}
      <Lines conclusion={conclusion} />
      {exploratory && (
        <p class="soft">
          The conclusion is by the experiment’s own method over all visitors; what is shown below is exploratory.
        </p>
      )}
    </section>
  );
}

function Lines({ conclusion: { lines, reasons, progress } }: { conclusion: Conclusion }) {
  const further = reasons.slice(1).map(({ text }) => text);
  const rows = [
    { title: 'Effect', text: lines.effect },
    { title: 'Guardrails', text: lines.guardrails },
    { title: 'Checks', text: lines.checks },
    { title: 'Also', text: further.length === 0 ? null : further.join('; ') },
    { title: 'Progress', text: progress && `day ${progress.day} of ${progress.days}` },
  ];
  return (
    <dl class="conclusion-lines">
      {rows.map(
        ({ title, text }) =>
          text !== null && (
            <div key={title}>
              <dt>{title}</dt>
              <dd dir="auto">{capitalized(text)}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
