import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { FirstEvent, Waiting } from '../parts/first-event.tsx';
import { Name } from '../parts/labels.tsx';
import { experimentAt } from '../state/place.ts';
import { Link, usePlace } from '../state/use-place.tsx';

/** Nothing has been received of this experiment. The page asks again and again, and changes by itself. */
export function NoData({
  answer: { namespace, name, definition, baseline, rebuilding },
}: {
  answer: ExperimentAnswer;
}) {
  if (rebuilding) return <NotCountedAgain />;
  const variants = definition?.variants ?? [];
  return (
    <section class="card empty-state">
      <h2>Nothing received yet</h2>
      <p>
        The first exposure makes this page come alive, within seconds and by itself.
        {variants.length > 0 && (
          <>
            {' '}
            Expected variants:{' '}
            {variants.map((variant, index) => (
              <span key={variant.name}>
                {index > 0 && ', '}
                <Name of={variant.name} />
              </span>
            ))}
            .
          </>
        )}
      </p>
      <FirstEvent namespace={namespace} experiment={name} variants={namesOf(variants, baseline)} event="participate" />
      <Waiting>Waiting for the first event…</Waiting>
    </section>
  );
}

/** Nobody has ever named this experiment: a link of before a deletion, a slip, or its first event is on its way. */
export function Unknown({ name, near }: { name: string; near: readonly string[] }) {
  const { place } = usePlace();
  return (
    <section class="card empty-state">
      <h2>Nothing is known of this experiment</h2>
      <p>
        In the namespace <Name of={place.namespace} /> there is no <Name of={name} />: nothing was received of it, and
        it has no definition. It may have been deleted, or its name may be another.
      </p>
      {near.length > 0 && (
        <p>
          Names that are near:{' '}
          {near.map((one, index) => (
            <span key={one}>
              {index > 0 && ', '}
              <Link to={experimentAt(place.namespace, one)}>
                <Name of={one} />
              </Link>
            </span>
          ))}
          .
        </p>
      )}
      <FirstEvent
        namespace={place.namespace}
        experiment={name}
        variants={['control', 'candidate']}
        event="participate"
      />
      <Waiting>Waiting for its first event…</Waiting>
    </section>
  );
}

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
        variants={namesOf(variants, null)}
        event={goals[0]?.name ?? 'purchase'}
      />
      <Waiting>Waiting for the first goal…</Waiting>
    </section>
  );
}

/** Redis has lost its counters, and those of this experiment are not there again yet. */
function NotCountedAgain() {
  return (
    <section class="card empty-state">
      <h2>No counters at this moment</h2>
      <p>Redis has lost them. What was received comes back by itself, counted from the stream.</p>
      <Waiting>Waiting for the counters…</Waiting>
    </section>
  );
}

function namesOf(variants: readonly { name: string }[], baseline: string | null): [string, ...string[]] {
  const [first = baseline ?? 'control', ...others] = variants.map(({ name }) => name);
  return [first, ...others];
}
