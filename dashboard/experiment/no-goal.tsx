import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { FirstEvent } from '../parts/first-event.tsx';
import { Waiting } from '../parts/waiting.tsx';

/** People take part, but none has reached a goal: either it is early, or the goal's tracker is missing. */
export function NoGoal({ answer: { namespace, name, goals, variants } }: { answer: ExperimentAnswer }) {
  return (
    <section class="card empty-state">
      <h2>Participants, but no goal yet</h2>
      <p>
        Exposures arrive, so the experiment runs. Nothing has been received of a goal: if visitors have had time to
        reach one, look at the place that should send it.
      </p>
      <FirstEvent
        namespace={namespace}
        experiment={name}
        variant={variants[0]?.name ?? 'control'}
        event={goals[0]?.name ?? 'purchase'}
      />
      <Waiting>Waiting for the first goal…</Waiting>
    </section>
  );
}
