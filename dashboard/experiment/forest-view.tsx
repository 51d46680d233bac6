import { useRef } from 'preact/hooks';
import type { AnsweredSet, ExperimentAnswer, GoalAnswer } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { Tabs } from '../parts/tabs.tsx';
import { type Place, sets } from '../state/place.ts';
import { usePlace } from '../state/use-place.tsx';
import { segmentLabels } from './choices.tsx';
import { ForestControls } from './forest-controls.tsx';
import { ForestPlot } from '../charts/forest-plot.tsx';
import { forestGroups } from '../charts/forest-rows.ts';
import { ImageMenu } from '../charts/image-menu.tsx';
import { useAnswer } from '../state/use-answer.ts';
import { experimentPath } from '../state/api.ts';

const setNames: Record<AnsweredSet, string> = {
  primary: 'Primary',
  secondary: 'Secondary',
  guardrail: 'Guardrails',
  other: 'Other',
};

/** Every metric of a set, for all visitors, one segment, or all segments below each other. */
export function ForestView({ answer }: { answer: ExperimentAnswer }) {
  const { place } = usePlace();
  const present = sets.filter((set) => metricsOf(answer, set).length > 0);
  const set = place.set && present.includes(place.set) ? place.set : present[0];
  const labels = segmentLabels(answer);
  if (!set) return <p class="card empty">No metric has been received yet. The plot begins with the first goal.</p>;

  const setTabs = present.map((one) => ({
    key: one,
    label: setNames[one],
    to: { ...place, set: one },
    current: one === set,
  }));
  return (
    <>
      <div class="tab-rows">
        <Tabs small label="Goal sets" tabs={setTabs} />
        {labels.length > 0 && <Tabs small label="Segments" tabs={segmentTabs(place, labels)} />}
      </div>
      <ForestControls answer={answer} metrics={metricsOf(answer, set)} />
      <p class="soft set-note">
        <Icon name="note" /> Bars are 68 %, whiskers 95 % intervals as seen in one look. The verdicts, and what stands
        out, are by the method of the experiment.
      </p>
      <ForestCard title={answer.segment ?? 'All visitors'} answer={answer} metrics={metricsOf(answer, set)} />
      {place.stacked &&
        labels.map((label) => (
          <SegmentForest key={label} label={label} name={answer.name} metricsOf={(one) => metricsOf(one, set)} />
        ))}
    </>
  );
}

function metricsOf({ goals, metrics }: ExperimentAnswer, set: AnsweredSet): GoalAnswer[] {
  return [...goals, ...metrics].filter((goal) => goal.set === set);
}

function segmentTabs(place: Place, labels: readonly string[]) {
  return [
    {
      key: 'all',
      label: 'All visitors',
      to: { ...place, segment: null, stacked: false },
      current: place.segment === null && !place.stacked,
    },
    ...labels.map((label) => ({
      key: `=${label}`,
      label: <bdi>{label}</bdi>,
      to: { ...place, segment: label, stacked: false },
      current: place.segment === label,
    })),
    { key: 'stacked', label: 'All charts', to: { ...place, segment: null, stacked: true }, current: place.stacked },
  ];
}

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
