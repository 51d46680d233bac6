import type { ExperimentAnswer, GoalAnswer } from '../../shared/contract/answers.ts';
import { useAnswer } from '../state/use-answer.ts';
import { usePlace } from '../state/use-place.tsx';
import { experimentPath } from './answer-path.ts';
import { ForestCard } from './forest-card.tsx';

interface SegmentForestProps {
  label: string;
  name: string;
  metricsOf: (answer: ExperimentAnswer) => GoalAnswer[];
}

/** One segment's plot among "all charts", with an answer of its own. */
export function SegmentForest({ label, name, metricsOf }: SegmentForestProps) {
  const { place } = usePlace();
  const { answer, error } = useAnswer<ExperimentAnswer>(
    experimentPath({ ...place, segment: label }, name),
    () => 30_000,
  );
  if (answer) return <ForestCard title={label} answer={answer} metrics={metricsOf(answer)} />;
  return (
    <section class="card chart-card">
      <h2>
        <bdi>{label}</bdi>
      </h2>
      <p class="soft">{error ? error.message : 'Loading…'}</p>
    </section>
  );
}
