import { FirstEvent } from '../parts/first-event.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { usePlace } from '../state/use-place.tsx';

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
      <FirstEvent namespace={place.namespace} experiment="button" variant="blue" event="participate" />
      <Waiting>Waiting for the first event…</Waiting>
    </section>
  );
}
