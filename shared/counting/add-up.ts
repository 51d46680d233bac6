import type { BatchSums, ExperimentSums, Visit } from './counters.ts';
import { EXPOSURE, type TrackedEvent } from '../contract/event.ts';
import { experimentId, fieldOf, segmentLabel } from '../contract/experiment-id.ts';
import type { CountableEvent } from './decode.ts';

/** Adds up the events that are ours, in stream order, into what each experiment's counters grow by. */
export function addUp(events: readonly CountableEvent[]): BatchSums {
  const sums: BatchSums = new Map();
  for (const { event, incarnation, claim } of events) {
    const id = experimentId({ namespace: event.namespace, experiment: event.experiment, incarnation });
    let experiment = sums.get(id);
    if (!experiment) sums.set(id, (experiment = emptySums()));
    addEvent(experiment, event, claim.at);
  }
  return sums;
}

function emptySums(): ExperimentSums {
  return { counts: new Map(), days: new Map(), uniques: new Map(), visits: [] };
}

function addEvent(sums: ExperimentSums, event: TrackedEvent, at: number): void {
  const { counts, days, received, uniques, visits } = sums;
  const variantAndEvent = fieldOf(event.variant, event.event);
  const segments = Object.entries(event.segments ?? {}).map(([key, value]) => fieldOf(segmentLabel(key, value)));

  addOne(counts, variantAndEvent);
  for (const segment of segments) addOne(counts, `${variantAndEvent}:${segment}`);
  addOne(days, `${utcDay(at)}:${variantAndEvent}`);
  sums.received = { first: Math.min(at, received?.first ?? at), last: Math.max(at, received?.last ?? at) };

  const members = uniques.get(variantAndEvent);
  if (members) members.add(event.unit ?? event.uuid);
  else uniques.set(variantAndEvent, new Set([event.unit ?? event.uuid]));

  if (event.unit !== undefined) visits.push(toVisit(event, event.unit, segments));
}

function toVisit(event: TrackedEvent, unit: string, segments: string[]): Visit {
  const goal = event.event === EXPOSURE ? '' : fieldOf(event.event);
  return [unit, fieldOf(event.variant), goal, event.value ?? 0, ...segments];
}

function addOne(sums: Map<string, number>, field: string): void {
  sums.set(field, (sums.get(field) ?? 0) + 1);
}

/** `2026-11-20` */
function utcDay(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
