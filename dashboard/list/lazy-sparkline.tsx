import { useEffect, useRef, useState } from 'preact/hooks';
import type { SeriesAnswer } from '../../shared/contract/answers.ts';
import { Sparkline } from '../charts/sparkline.tsx';
import { apiPath } from '../state/api.ts';
import { useSession } from '../state/session.tsx';
import { usePlace } from '../state/use-place.tsx';
import { atMost } from './at-most.ts';

/** However long the list is, the server gets a few of these questions at a time. */
const inTurn = atMost(4);

interface LazySparklineProps {
  name: string;
  /** Another value asks again. */
  freshness: string;
}

/** Participants a day, asked for once the row comes into view. */
export function LazySparkline({ name, freshness }: LazySparklineProps) {
  const { place } = usePlace();
  const { api } = useSession();
  const spot = useRef<HTMLDivElement>(null);
  const [visible, setVisible] = useState(false);
  const [perDay, setPerDay] = useState<number[] | null>(null);

  useEffect(() => {
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      setVisible(true);
      watch.disconnect();
    });
    if (spot.current) watch.observe(spot.current);
    return () => watch.disconnect();
  }, []);

  useEffect(() => {
    if (!visible) return;
    const abort = new AbortController();
    const path = apiPath('series', { experiment: name, namespace: place.namespace });
    // A list without this one line is still a list: its own failures are told elsewhere.
    void inTurn(() => (abort.signal.aborted ? Promise.resolve(null) : api.get<SeriesAnswer>(path, abort.signal)))
      .then((series) => series && setPerDay(totalPerDay(series)))
      .catch(() => undefined);
    return () => abort.abort();
  }, [visible, freshness, name, place.namespace, api]);

  return (
    <div ref={spot} class="spark-spot">
      {perDay && <Sparkline values={perDay} />}
    </div>
  );
}

function totalPerDay({ days, variants }: SeriesAnswer): number[] {
  return days.map((_, day) => variants.reduce((sum, { participants }) => sum + (participants[day] ?? 0), 0));
}
