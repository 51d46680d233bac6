import { ExperimentPage } from './experiment/experiment-page.tsx';
import { ListPage } from './list/list-page.tsx';
import { KeyForm } from './parts/key-form.tsx';
import { TopBar } from './parts/top-bar.tsx';
import { PlannerPage } from './planner/planner.tsx';
import { SessionProvider, useSession } from './state/session.tsx';
import { PlaceProvider, usePlace } from './state/use-place.tsx';

export function App() {
  return (
    <SessionProvider>
      <PlaceProvider>
        <TopBar />
        <Page />
      </PlaceProvider>
    </SessionProvider>
  );
}

function Page() {
  const { key } = useSession();
  const { place } = usePlace();
  const { namespace, experiment, view } = place;
  if (experiment === null && view === 'planner') return <PlannerPage />;
  if (key === '') return <KeyForm />;
  // A key of its own for each experiment: nothing of one may be seen under another's name.
  if (experiment !== null) return <ExperimentPage key={`${namespace}/${experiment}`} name={experiment} />;
  return <ListPage key={namespace} />;
}
