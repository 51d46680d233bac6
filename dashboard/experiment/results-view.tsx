import type { AnsweredSet, ExperimentAnswer } from '../../shared/contract/answers.ts';
import { sets } from '../state/place.ts';
import { formatCount, pEquation } from '../text/format.ts';
import { GoalTable } from './goal-table.tsx';
import { NoGoal } from './empty-states.tsx';
import { ParticipantsTable } from './participants-table.tsx';

export const setTitles: Record<AnsweredSet, string> = {
  primary: 'Primary goals',
  secondary: 'Secondary goals',
  guardrail: 'Guardrails',
  other: 'Other goals',
};

const setNotes: Record<AnsweredSet, string> = {
  primary: 'What the experiment is decided by.',
  secondary: 'What else may change.',
  guardrail: 'What must not get worse. Corrected among themselves.',
  other: 'Counted, but not named by the definition.',
};

export function ResultsView({ answer }: { answer: ExperimentAnswer }) {
  const named = answer.goals.some(({ set }) => set !== 'primary');
  return (
    <>
      {answer.data === 'no goal' && <NoGoal answer={answer} />}
      {sets.map((set) => {
        const goals = answer.goals.filter((goal) => goal.set === set);
        if (goals.length === 0) return null;
        return (
          <section key={set} class="goal-set">
            <h2>{named ? setTitles[set] : 'Goals'}</h2>
            {named && <p class="soft set-note">{setNotes[set]}</p>}
            <GoalTable answer={answer} goals={goals} caption={setTitles[set]} />
          </section>
        );
      })}
      <section class="goal-set">
        <h2>Participants</h2>
        <p class="soft set-note">{splitNote(answer)}</p>
        <ParticipantsTable answer={answer} />
      </section>
    </>
  );
}

function splitNote({ sampleRatio, variants }: ExperimentAnswer): string {
  const total = variants.reduce((sum, { participants }) => sum + participants, 0);
  if (sampleRatio.value === null) {
    return `${formatCount(total)} in all. Their split is not checked: ${sampleRatio.reason}.`;
  }
  if (sampleRatio.assumed) {
    return `${formatCount(total)} in all. No weights are configured; against an even split ${pEquation(sampleRatio.p)}.`;
  }
  return `${formatCount(total)} in all. ${sampleRatio.alarm ? 'Their split is not as configured' : 'Their split is as configured'} (${pEquation(sampleRatio.p)}).`;
}
