import { useRef } from 'preact/hooks';
import type { ExperimentAnswer, GoalAnswer } from '../../shared/contract/answers.ts';
import { ForestPlot } from '../charts/forest-plot.tsx';
import { forestGroups } from '../charts/forest-rows.ts';
import { ImageMenu } from '../charts/image-menu.tsx';
import { usePlace } from '../state/use-place.tsx';

interface ForestCardProps {
  title: string;
  answer: ExperimentAnswer;
  metrics: readonly GoalAnswer[];
}

export function ForestCard({ title, answer, metrics }: ForestCardProps) {
  const { place } = usePlace();
  const card = useRef<HTMLElement>(null);
  const groups = forestGroups(answer, metrics, place);
  return (
    <section class="card chart-card" ref={card}>
      <div class="chart-head">
        <h2>
          <bdi>{title}</bdi>
        </h2>
        <ImageMenu card={card} name={`${answer.name} ${title}`} />
      </div>
      {groups.length === 0 ? (
        <p class="soft">Everything is muted or left out: choose a metric and a variant above.</p>
      ) : (
        <ForestPlot title={title} groups={groups} highlight={!place.plain} />
      )}
    </section>
  );
}
