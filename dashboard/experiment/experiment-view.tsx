import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Tabs } from '../parts/tabs.tsx';
import type { View } from '../state/place.ts';
import { usePlace } from '../state/use-place.tsx';
import { Choices } from './choices.tsx';
import { ExperimentPlanner } from './experiment-planner.tsx';
import { ForestView } from './forest-view.tsx';
import { ResultsView } from './results-view.tsx';
import { TimeView } from './time-view.tsx';

const labels: Record<View, string> = {
  results: 'Results',
  forest: 'All metrics',
  time: 'Over time',
  planner: 'Planner',
};

export function ExperimentView({ answer }: { answer: ExperimentAnswer }) {
  const { place } = usePlace();
  const tabs = (Object.keys(labels) as View[]).map((view) => ({
    key: view,
    label: labels[view],
    to: { ...place, view },
    current: place.view === view,
  }));
  return (
    <>
      <Tabs label="Views" tabs={tabs} />
      {(place.view === 'results' || place.view === 'forest') && <Choices answer={answer} />}
      {place.view === 'results' && <ResultsView answer={answer} />}
      {place.view === 'forest' && <ForestView answer={answer} />}
      {place.view === 'time' && <TimeView answer={answer} />}
      {place.view === 'planner' && <ExperimentPlanner answer={answer} />}
    </>
  );
}
