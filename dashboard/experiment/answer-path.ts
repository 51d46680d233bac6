import { apiPath } from '../state/api.ts';
import type { Place } from '../state/place.ts';

type Chosen = Pick<Place, 'namespace' | 'method' | 'baseline' | 'segment'>;

export function experimentPath({ namespace, method, baseline, segment }: Chosen, experiment: string): string {
  return apiPath('experiment', { experiment, namespace, method, baseline, segment });
}

export function seriesPath(
  { namespace, baseline }: Pick<Place, 'namespace' | 'baseline'>,
  experiment: string,
  goal: string | null,
): string {
  return apiPath('series', { experiment, namespace, goal, baseline });
}
