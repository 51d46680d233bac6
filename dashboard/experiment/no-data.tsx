import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { FirstEvent } from '../parts/first-event.tsx';
import { Name } from '../parts/name.tsx';
import { Waiting } from '../parts/waiting.tsx';

/** Nothing has been received of this experiment. The page asks again and again, and changes by itself. */
export function NoData({ answer: { namespace, name, definition, baseline } }: { answer: ExperimentAnswer }) {
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
      <FirstEvent
        namespace={namespace}
        experiment={name}
        variant={variants[0]?.name ?? baseline ?? 'control'}
        event="participate"
      />
      <Waiting>Waiting for the first event…</Waiting>
    </section>
  );
}
