import { useEffect, useState } from 'preact/hooks';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Freshness } from '../parts/freshness.tsx';
import { Trouble } from '../parts/trouble.tsx';
import { Warnings } from '../parts/warnings.tsx';
import { useAnswer } from '../state/use-answer.ts';
import { usePlace } from '../state/use-place.tsx';
import { isolate } from '../text/isolate.ts';
import { experimentPath } from './answer-path.ts';
import { EditDialog } from './edit-dialog.tsx';
import { ExperimentHead } from './experiment-head.tsx';
import { ExperimentView } from './experiment-view.tsx';
import { NoData } from './no-data.tsx';

/** Somebody who has just put a tracker in place is watching for its first event. */
const paceOf = (answer: ExperimentAnswer | null) => (answer && answer.data !== 'counting' ? 1_500 : 15_000);

export function ExperimentPage({ name }: { name: string }) {
  const { place } = usePlace();
  const { answer, outdated, error, answeredAt, refresh } = useAnswer<ExperimentAnswer>(
    experimentPath(place, name),
    paceOf,
  );
  const [editing, setEditing] = useState(false);
  useEffect(() => {
    document.title = `${isolate(name)} · Mem`;
  }, [name]);

  return (
    <main id="main" class="page" aria-busy={outdated || (answer === null && error === null)}>
      <ExperimentHead name={name} answer={answer} onEdit={() => setEditing(true)} />
      {error && <Trouble error={error} since={answer && answeredAt} retry={refresh} />}
      {answer && (
        <div class={outdated ? 'outdated' : undefined}>
          <Warnings warnings={answer.warnings} />
          {answer.data === 'no data' ? <NoData answer={answer} /> : <ExperimentView answer={answer} />}
        </div>
      )}
      {answer && editing && <EditDialog answer={answer} onClose={() => setEditing(false)} onSaved={refresh} />}
      <Freshness at={answeredAt} />
    </main>
  );
}
