import type { AnsweredSet, ExperimentStatus } from '../../shared/contract/answers.ts';
import { goalSets, methods, type Method } from '../../shared/contract/statistics.ts';

export const DEFAULT_NAMESPACE = 'alephbet';

export const views = ['results', 'forest', 'time', 'planner'] as const;
export type View = (typeof views)[number];

export const statuses: readonly ExperimentStatus[] = ['running', 'draft', 'ended'];
export const sets: readonly AnsweredSet[] = [...goalSets, 'other'];

/** What the page shows: all of it stands in the URL, so that a link shows another person the same. */
export interface Place {
  namespace: string;
  /** Null for the list, or for the planner by itself. */
  experiment: string | null;
  view: View;

  /** Of the list. */
  search: string;
  status: ExperimentStatus | null;
  showHidden: boolean;

  /** Of an experiment. Null means what its definition says. */
  segment: string | null;
  method: Method | null;
  baseline: string | null;
  /** The only goal that is shown, of an experiment that has more than one answer holds. */
  only: string | null;
  /** The goal of the time charts; null for the first. */
  goal: string | null;

  /** Of the forest plot. */
  set: AnsweredSet | null;
  stacked: boolean;
  plain: boolean;
  mutedVariants: readonly string[];
  leftOutMetrics: readonly string[];

  /** Of the planner, as typed: percents and numbers. Null means the suggestion. */
  plan: Readonly<Record<PlanField, string | null>>;
}

export const planFields = ['rate', 'lift', 'alpha', 'power', 'arms', 'daily'] as const;
export type PlanField = (typeof planFields)[number];

/** Reads the query of the page's URL. What it does not know is taken as not given. */
export function readPlace(query: string): Place {
  const given = new URLSearchParams(query);
  return {
    namespace: given.get('namespace') ?? DEFAULT_NAMESPACE,
    experiment: given.get('experiment'),
    view: oneOf(views, given.get('view')) ?? 'results',
    search: given.get('search') ?? '',
    status: oneOf(statuses, given.get('status')),
    showHidden: given.has('hidden'),
    segment: given.get('segment'),
    method: oneOf(methods, given.get('method')),
    baseline: given.get('baseline'),
    only: given.get('only'),
    goal: given.get('goal'),
    set: oneOf(sets, given.get('set')),
    stacked: given.has('stacked'),
    plain: given.has('plain'),
    mutedVariants: given.getAll('mute'),
    leftOutMetrics: given.getAll('without'),
    plan: Object.fromEntries(planFields.map((field) => [field, given.get(field)])) as Record<PlanField, string | null>,
  };
}

/** The query that `readPlace` reads back; what is as usual is left out. */
export function writePlace(place: Place): string {
  const query = new URLSearchParams();
  const add = (key: string, value: string | null, usual: string | null = null) => {
    if (value !== null && value !== usual) query.append(key, value);
  };
  add('namespace', place.namespace, DEFAULT_NAMESPACE);
  add('experiment', place.experiment);
  add('view', place.view, 'results');
  add('search', place.search, '');
  add('status', place.status);
  if (place.showHidden) add('hidden', '1');
  add('segment', place.segment);
  add('method', place.method);
  add('baseline', place.baseline);
  add('only', place.only);
  add('goal', place.goal);
  add('set', place.set);
  if (place.stacked) add('stacked', '1');
  if (place.plain) add('plain', '1');
  for (const variant of place.mutedVariants) add('mute', variant);
  for (const metric of place.leftOutMetrics) add('without', metric);
  for (const field of planFields) add(field, place.plan[field]);
  const text = query.toString();
  return text === '' ? '?' : `?${text}`;
}

/** The list of a namespace, with nothing chosen. */
export function listOf(namespace: string): Place {
  return { ...readPlace(''), namespace };
}

export function experimentAt(namespace: string, experiment: string): Place {
  return { ...listOf(namespace), experiment };
}

function oneOf<T extends string>(known: readonly T[], given: string | null): T | null {
  return known.find((one) => one === given) ?? null;
}
