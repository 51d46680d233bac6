import type { TrackedEvent } from '../../../shared/contract/event.ts';
import type { StoredCounters } from './consumer.ts';

/** An event with the time at which the door received it, in stream order. */
export interface ReceivedEvent {
  event: TrackedEvent;
  at: number;
}

interface UnitState {
  variant: string;
  crossed: boolean;
  segments: string[];
  goals: Map<string, { n: number; v: number }>;
}

/** A goal that came before its exposure counts if it was received at most so long before it. */
const GRACE_MS = 600_000;

/**
 * What the counters of one experiment must be: a set of identities, and a fold in stream order. Written without looking
 * at the product's own code, so names here must need no encoding.
 */
export function expectedCounters(
  stream: readonly ReceivedEvent[],
): StoredCounters & { uniques: Record<string, string[]> } {
  const seen = new Set<string>();
  const counts: Record<string, number> = {};
  const days: Record<string, number> = {};
  const uniques: Record<string, Set<string>> = {};
  const units = new Map<string, UnitState>();
  const early = new Map<string, ReceivedEvent[]>();

  for (const { event, at } of stream) {
    const identity = JSON.stringify([event.namespace, event.experiment, event.variant, event.event, event.uuid]);
    if (seen.has(identity)) continue;
    seen.add(identity);

    const field = `${event.variant}:${event.event}`;
    const segments = Object.entries(event.segments ?? {}).map(([key, value]) => `${key}%3D${value}`);
    for (const name of [field, ...segments.map((segment) => `${field}:${segment}`)]) {
      counts[name] = (counts[name] ?? 0) + 1;
    }
    const day = `${new Date(at).toISOString().slice(0, 10)}:${field}`;
    days[day] = (days[day] ?? 0) + 1;
    (uniques[field] ??= new Set()).add(event.unit ?? event.uuid);
    if (event.unit === undefined) continue;
    visit(units, event.unit, event, segments);
    const waiting = early.get(event.unit) ?? [];
    early.set(event.unit, units.has(event.unit) ? [] : [...waiting, { event, at }]);
    if (!units.has(event.unit)) continue;
    for (const goal of waiting) if (at - goal.at <= GRACE_MS) visit(units, event.unit, goal.event, segments);
  }
  return {
    counts,
    days,
    moments: momentsOf([...units.values()]),
    uniques: Object.fromEntries(Object.entries(uniques).map(([field, members]) => [field, [...members]])),
  };
}

function visit(units: Map<string, UnitState>, unit: string, event: TrackedEvent, segments: string[]): void {
  const state = units.get(unit);
  if (!state) {
    if (event.event === 'participate') {
      units.set(unit, { variant: event.variant, crossed: false, segments, goals: new Map() });
    }
  } else if (state.variant !== event.variant) {
    state.crossed = true;
  } else if (event.event !== 'participate') {
    const { n, v } = state.goals.get(event.event) ?? { n: 0, v: 0 };
    state.goals.set(event.event, { n: n + 1, v: v + (event.value ?? 0) });
  }
}

/** From the units' final states: the running sums of the product must come to the same. */
function momentsOf(units: UnitState[]): Record<string, number[]> {
  const moments: Record<string, number[]> = {};
  const add = (field: string, segments: string[], amounts: number[]) => {
    for (const name of [field, ...segments.map((segment) => `${field}:${segment}`)]) {
      moments[name] = amounts.map((amount, index) => (moments[name]?.[index] ?? 0) + amount);
    }
  };
  for (const { variant, crossed, segments, goals } of units) {
    add(`${variant}:`, segments, [1, crossed ? 1 : 0]);
    for (const [goal, { n, v }] of goals) add(`${variant}:${goal}`, segments, [1, n, n * n, v, v * v]);
  }
  return moments;
}
