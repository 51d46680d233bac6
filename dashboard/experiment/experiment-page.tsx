import { useEffect, useState } from 'preact/hooks';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Freshness, Trouble } from '../parts/freshness.tsx';
import { Warnings } from '../parts/warnings.tsx';
import { useAnswer } from '../state/use-answer.ts';
import { useLivingLink } from '../state/use-living-link.ts';
import { usePlace } from '../state/use-place.tsx';
import { isolate } from '../text/format.ts';
import { experimentPath, type ApiError } from '../state/api.ts';
import { ConclusionCard } from './conclusion-card.tsx';
import { DecideDialog } from './decide-dialog.tsx';
import { EditDialog } from './edit-dialog.tsx';
import { ExperimentHead } from './experiment-head.tsx';
import { NoData, Unknown } from './empty-states.tsx';
import { GoneNotice } from './gone-notice.tsx';
import { Tabs } from '../parts/tabs.tsx';
import type { View } from '../state/place.ts';
import { Choices } from './choices.tsx';
import { ExperimentPlanner } from './experiment-planner.tsx';
import { ForestView } from './forest-view.tsx';
import { ResultsView } from './results-view.tsx';
import { TimeView } from './time-view.tsx';

/** Somebody who has just put a tracker in place is watching for its first event. */
const paceOf = (answer: ExperimentAnswer | null, error: ApiError | null) =>
  isUnknown(error) || (answer && answer.data !== 'counting') ? 1_500 : 15_000;

const isUnknown = (error: ApiError | null) => error?.said.title === 'unknown_experiment';

export function ExperimentPage({ name }: { name: string }) {
  const { place } = usePlace();
  const { answer, outdated, error, answeredAt, refresh } = useAnswer<ExperimentAnswer>(
    experimentPath(place, name),
    paceOf,
  );
  const current = outdated ? null : answer;
  const gone = useLivingLink(current, error);
  const unknown = isUnknown(error) ? error : null;
  const [editing, setEditing] = useState(false);
  const [deciding, setDeciding] = useState(false);
  useEffect(() => {
    document.title = `${isolate(name)} · Mem`;
  }, [name]);

  return (
    <main id="main" class="page" aria-busy={outdated || (answer === null && error === null)}>
      <ExperimentHead name={name} answer={unknown ? null : answer} onEdit={() => setEditing(true)} />
      {error && !unknown && <Trouble error={error} since={answer && answeredAt} retry={refresh} />}
      {unknown && <Unknown name={name} near={unknown.said.near ?? []} />}
      <GoneNotice gone={gone} />
      {answer && !unknown && (
        <div class={outdated ? 'outdated' : undefined}>
          {answer.data !== 'no data' && <ConclusionCard answer={answer} onDecide={() => setDeciding(true)} />}
          <Warnings warnings={answer.warnings} />
          {answer.data === 'no data' ? <NoData answer={answer} /> : <ExperimentView answer={answer} />}
        </div>
      )}
      {answer && deciding && <DecideDialog answer={answer} onClose={() => setDeciding(false)} onSaved={refresh} />}
      {answer && editing && <EditDialog answer={answer} onClose={() => setEditing(false)} onSaved={refresh} />}
      <Freshness at={answeredAt} />
    </main>
  );
}

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
