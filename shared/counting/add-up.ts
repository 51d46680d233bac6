import type { ExperimentSums } from './counters.ts';
import { visitorKey, visitorOf, type Visitor } from './visitors/visitor-record.ts';
import { EXPOSURE, type TrackedEvent } from '../contract/event.ts';
import { experimentId, fieldOf, segmentLabel } from '../contract/experiment-id.ts';
import type { CountableEvent } from './decode.ts';
import type { Visit } from './visitors/fold.ts';

/** What the events of a slice come to by themselves, and what has to be folded into visitors' records. */
export interface AddedUp {
  /** Experiment's id -> what its counters grow by. */
  sums: Map<string, Omit<ExperimentSums, 'moments' | 'segmentMoments'>>;
  /** Events of units in stream order: they interleave, so they cannot be summed by kind. */
  visits: Visit[];
  /** Whose visits these are, by visitorKey(). */
  visitors: Map<string, Visitor>;
}

/** Adds up the events that are ours, in stream order. */
export function addUp(events: readonly CountableEvent[]): AddedUp {
  const added: AddedUp = { sums: new Map(), visits: [], visitors: new Map() };
  const keyOf = rememberVisitors(added.visitors);
  for (const { event, incarnation, claim } of events) {
    const id = experimentId({ namespace: event.namespace, experiment: event.experiment, incarnation });
    const segments = Object.entries(event.segments ?? {}).map(([key, value]) => fieldOf(segmentLabel(key, value)));
    addEvent(sumsOf(added.sums, id, claim.at), event, segments, claim.at);
    if (event.unit !== undefined) {
      added.visits.push(toVisit(event, keyOf(event.namespace, event.unit), id, segments, claim.at));
    }
  }
  return added;
}

function sumsOf(sums: AddedUp['sums'], id: string, at: number) {
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

function toVisit(event: TrackedEvent, visitor: string, experiment: string, segments: string[], at: number): Visit {
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
