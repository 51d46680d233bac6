import type { ExperimentSums } from './counters.ts';
import { visitorKey, visitorOf, type Visitor } from './visitors/visitor-record.ts';
import { EXPOSURE, type TrackedEvent, type VisitorGoal } from '../contract/event.ts';
import { experimentId, fieldOf, parseExperimentId, parseField, segmentLabel } from '../contract/experiment-id.ts';
import type { CountableEvent } from './decode.ts';
import type { ExperimentVisit, Folded, Visit, VisitorGoalVisit } from './visitors/fold.ts';

/** What the events of a slice come to by themselves, and what has to be folded into visitors' records. */
export interface AddedUp {
  sums: Sums;
  /** Events of units in stream order: they interleave, so they cannot be summed by kind. */
  visits: Visit[];
  /** Whose visits these are, by visitorKey(). */
  visitors: Map<string, Visitor>;
  /** The goals that name no experiment, among those visits. */
  goals: Map<VisitorGoalVisit, CountableEvent & { event: VisitorGoal }>;
}

/** Experiment's id -> what its counters grow by. */
type Sums = Map<string, Omit<ExperimentSums, 'moments' | 'segmentMoments'>>;

/** Adds up the events that are ours, in stream order. */
export function addUp(events: readonly CountableEvent[]): AddedUp {
  const added: AddedUp = { sums: new Map(), visits: [], visitors: new Map(), goals: new Map() };
  const keyOf = rememberVisitors(added.visitors);
  for (const { event, incarnation, claim } of events) {
    if (event.experiment === undefined) {
      const visit = toGoalVisit(event, keyOf(event.namespace, event.unit), claim.at);
      added.visits.push(visit);
      added.goals.set(visit, { event, incarnation, claim });
      continue;
    }
    const id = experimentId({ namespace: event.namespace, experiment: event.experiment, incarnation });
    const segments = segmentsOf(event);
    addEvent(sumsOf(added.sums, id, claim.at), event, segments, claim.at);
    if (event.unit !== undefined) {
      added.visits.push(toVisit(event, keyOf(event.namespace, event.unit), id, segments, claim.at));
    }
  }
  return added;
}

/** What sums come to with goals that name no experiment, counted in those that their visitors have been exposed in. */
export function addReached({ sums, goals }: Pick<AddedUp, 'sums' | 'goals'>, reached: Folded['reached']): Sums {
  if (reached.length === 0) return sums;
  const all: Sums = new Map([...sums].map(([id, experiment]) => [id, copySums(experiment)]));
  for (const { visit, experiment, variant } of reached) {
    const goal = goals.get(visit);
    const ref = parseExperimentId(experiment);
    if (!goal || !ref) continue;
    const event = { ...goal.event, experiment: ref.experiment, variant: parseField(variant)[0] ?? '' };
    addEvent(sumsOf(all, experiment, visit.at), event, segmentsOf(event), visit.at);
  }
  return all;
}

function copySums(sums: ReturnType<typeof sumsOf>): ReturnType<typeof sumsOf> {
  return {
    total: sums.total,
    counts: new Map(sums.counts),
    segments: new Map(sums.segments),
    days: new Map(sums.days),
    uniques: new Map([...sums.uniques].map(([pair, members]) => [pair, new Set(members)])),
    received: { ...sums.received },
  };
}

function segmentsOf({ segments = {} }: TrackedEvent): string[] {
  return Object.entries(segments).map(([key, value]) => fieldOf(segmentLabel(key, value)));
}

function sumsOf(sums: Sums, id: string, at: number) {
  const present = sums.get(id);
  if (present) return present;
  const none = {
    total: 0,
    counts: new Map<string, number>(),
    segments: new Map<string, number>(),
    days: new Map<string, number>(),
    uniques: new Map<string, Set<string>>(),
    received: { first: at, last: at },
  };
  sums.set(id, none);
  return none;
}

function addEvent(
  sums: ReturnType<typeof sumsOf>,
  event: TrackedEvent,
  eventSegments: readonly string[],
  at: number,
): void {
  const { counts, segments, days, received, uniques } = sums;
  const variantAndEvent = fieldOf(event.variant, event.event);

  sums.total += 1;
  addOne(counts, variantAndEvent);
  for (const segment of eventSegments) addOne(segments, `${variantAndEvent}:${segment}`);
  addOne(days, `${utcDay(at)}:${variantAndEvent}`);
  received.first = Math.min(at, received.first);
  received.last = Math.max(at, received.last);

  const members = uniques.get(variantAndEvent);
  if (members) members.add(event.unit ?? event.uuid);
  else uniques.set(variantAndEvent, new Set([event.unit ?? event.uuid]));
}

function toVisit(
  event: TrackedEvent,
  visitor: string,
  experiment: string,
  segments: string[],
  at: number,
): ExperimentVisit {
  return {
    namespace: event.namespace,
    visitor,
    experiment,
    variant: fieldOf(event.variant),
    goal: event.event === EXPOSURE ? '' : fieldOf(event.event),
    value: event.value ?? 0,
    segments,
    at,
  };
}

function toGoalVisit({ namespace, event, value = 0 }: VisitorGoal, visitor: string, at: number): VisitorGoalVisit {
  return { namespace, visitor, goal: fieldOf(event), value, at };
}

/** Digests take time, and a visitor often has several events in a slice. */
function rememberVisitors(visitors: Map<string, Visitor>): (namespace: string, unit: string) => string {
  const keys = new Map<string, string>();
  return (namespace, unit) => {
    const name = `${namespace}\0${unit}`;
    const present = keys.get(name);
    if (present !== undefined) return present;
    const visitor = visitorOf({ namespace, unit });
    const key = visitorKey(visitor);
    keys.set(name, key);
    visitors.set(key, visitor);
    return key;
  };
}

function addOne(sums: Map<string, number>, field: string): void {
  sums.set(field, (sums.get(field) ?? 0) + 1);
}

/** `2026-11-20` */
function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
