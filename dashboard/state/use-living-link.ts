import { useEffect, useState } from 'preact/hooks';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import type { ApiError } from './api.ts';
import type { Place } from './place.ts';
import { usePlace } from './use-place.tsx';

/** What a link may name of an experiment, and what it is called. */
const kinds = { baseline: 'variant', segment: 'segment', only: 'goal', goal: 'goal' } as const;
type Part = keyof typeof kinds;

/** Something that a link names, and that the experiment does not have any more: it was renamed, or deleted. */
export interface Gone {
  kind: (typeof kinds)[Part];
  name: string;
}

/** What a link chose, as far as the experiment does not have it. */
export function goneParts(place: Place, answer: ExperimentAnswer): Part[] {
  const goals = [...answer.goals.map(({ name }) => name), ...answer.moreGoals];
  const segments = Object.entries(answer.segments).flatMap(([key, values]) => values.map((value) => `${key}=${value}`));
  const parts: readonly (readonly [Part, readonly string[]])[] = [
    ['segment', segments],
    ['only', goals],
    ['goal', goals],
  ];
  return parts.flatMap(([part, names]) => {
    const chosen = place[part];
    return chosen === null || names.includes(chosen) ? [] : [part];
  });
}

/**
 * Lets a link of before a renaming find its way: what it chose and is not there is taken out of the address, and told.
 * @param answer to what `place` says, or null
 */
export function useLivingLink(answer: ExperimentAnswer | null, error: ApiError | null): readonly Gone[] {
  const { place, go } = usePlace();
  const [gone, setGone] = useState<{ of: string | null; parts: readonly Gone[] }>({ of: null, parts: [] });
  const isBaselineGone = error?.said.title === 'unknown_baseline' && place.baseline !== null;
  const parts: readonly Part[] = isBaselineGone ? ['baseline'] : answer ? goneParts(place, answer) : [];

  useEffect(() => {
    if (parts.length === 0) return;
    const found = parts.map((part) => ({ kind: kinds[part], name: place[part] ?? '' }));
    const before = gone.of === place.experiment ? gone.parts : [];
    setGone({ of: place.experiment, parts: [...before, ...found] });
    go(Object.fromEntries(parts.map((part) => [part, null])), 'replace');
  }, [parts.join()]);

  return gone.of === place.experiment ? gone.parts : [];
}
