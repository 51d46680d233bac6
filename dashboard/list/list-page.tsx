import { useEffect, useState } from 'preact/hooks';
import type { ExperimentList } from '../../shared/contract/answers.ts';
import { Freshness, Trouble } from '../parts/freshness.tsx';
import { apiPath } from '../state/api.ts';
import { useAnswer } from '../state/use-answer.ts';
import { usePlace } from '../state/use-place.tsx';
import { plural } from '../text/format.ts';
import { ListFilter } from './list-filter.tsx';
import { ListTable } from './list-table.tsx';
import { orderExperiments } from './order.ts';
import { FirstEvent, Waiting } from '../parts/first-event.tsx';

/** While nothing has been received, somebody is watching for the first event. */
const paceOf = (list: ExperimentList | null) => (list?.experiments.length === 0 ? 1_500 : 20_000);

const ROWS_AT_FIRST = 100;

export function ListPage() {
  const { place } = usePlace();
  const { answer, error, answeredAt, refresh } = useAnswer<ExperimentList>(
    apiPath('experiments', { namespace: place.namespace }),
    paceOf,
  );
  const [showAll, setShowAll] = useState(false);
  useEffect(() => {
    document.title = 'Experiments · Mem';
  }, []);

  const experiments = answer ? orderExperiments(answer.experiments, place) : [];
  const shown = showAll ? experiments : experiments.slice(0, ROWS_AT_FIRST);
  return (
    <main id="main" class="page" aria-busy={answer === null && error === null}>
      <div class="page-head">
        <h1>Experiments</h1>
        {answer && answer.experiments.length > 0 && (
          <p class="soft">{plural(experiments.length, 'experiment')} shown</p>
        )}
      </div>
      {error && <Trouble error={error} since={answer && answeredAt} retry={refresh} />}
      {answer?.rebuilding && (
        <p class="banner banner-problem" role="status">
          The counters are being counted again: until that is done, every figure is too low.
        </p>
      )}
      {answer && (answer.experiments.length > 0 || place.namespace !== '') && (
        <ListFilter hasHidden={answer.experiments.some(({ hidden }) => hidden)} />
      )}
      {answer?.experiments.length === 0 && (answer.rebuilding ? <NothingThereYet /> : <EmptyList />)}
      {shown.length > 0 && answeredAt !== null && <ListTable experiments={shown} now={answeredAt} />}
      {answer && answer.experiments.length > 0 && shown.length === 0 && (
        <p class="card empty">No experiment here matches. Clear the search, or choose another status.</p>
      )}
      {shown.length < experiments.length && (
        <button type="button" class="button" onClick={() => setShowAll(true)}>
          Show all {experiments.length}
        </button>
      )}
      {answer?.next && (
        <p class="soft">
          These are the first {answer.experiments.length} by name; the API and the command line have the others.
        </p>
      )}
      <Freshness at={answeredAt} />
    </main>
  );
}

/** Redis has lost its counters, and they are not counted again yet. */
function NothingThereYet() {
  return (
    <section class="card empty-state">
      <h2>No counters at this moment</h2>
      <p>
        Redis has lost them. They come back by themselves, counted from the stream; this page shows them as they do.
      </p>
      <Waiting>Waiting for the counters…</Waiting>
    </section>
  );
}

/** Nothing has been received. The page asks again and again, and shows the first event by itself. */
export function EmptyList() {
  const { place } = usePlace();
  return (
    <section class="card empty-state">
      <h2>Nothing received yet</h2>
      <p>
        Send an exposure, and this page changes by itself within seconds. An experiment needs no setting up: it begins
        with its first event.
      </p>
      <FirstEvent namespace={place.namespace} experiment="button" variants={['red', 'blue']} event="participate" />
      <Waiting>Waiting for the first event…</Waiting>
    </section>
  );
}
