import { claimId } from '../../../shared/counting/decode.ts';
import { TOMBSTONE_OWNER } from '../../../shared/counting/ports.ts';
import { EXPOSURE, type StreamEvent, type TrackedEvent } from '../../../shared/contract/event.ts';
import {
  experimentId,
  experimentName,
  fieldOf,
  FIRST_INCARNATION,
  type Incarnation,
} from '../../../shared/contract/experiment-id.ts';
import { CLAIM_WINDOW_MS, type Tables } from '../world/tables.ts';

/** An event as it lies in the stream. All of these were acknowledged. */
export interface AcknowledgedEvent {
  /** `stream/shard/sequence#index` */
  place: string;
  event: StreamEvent;
  at: number;
  /** How often everything had been counted before this one was acknowledged. */
  settled: number;
}

/** What the counters of one experiment have to be. */
export interface Expected {
  counts: Map<string, number>;
  days: Map<string, number>;
  moments: Map<string, number[]>;
  uniques: Map<string, Set<string>>;
}

/**
 * What has to be counted: every different (namespace, experiment, incarnation, variant, event, uuid) of what was
 * acknowledged, once in each window. Nothing here is shared with the way the product counts.
 * @param acknowledged in stream order, parents before their children
 * @param isHeld leaves out what could not be counted again, and was said to be lost
 */
export function expect(
  acknowledged: readonly AcknowledgedEvent[],
  tables: Tables,
  isHeld: (entry: AcknowledgedEvent) => boolean = () => true,
): Map<string, Expected> {
  const experiments = new Map<string, NamedEvent[]>();
  const expected = new Map<string, Expected>();
  const counted = findCounted(acknowledged, tables)
    .filter(isHeld)
    .map((entry) => ({ ...entry, event: asCounted(entry, tables) }));
  for (const { event, at } of writeOut(counted, tables)) {
    const { number } = incarnationOf(event, tables);
    const id = experimentId({ namespace: event.namespace, experiment: event.experiment, incarnation: number });
    const counters = getOr(expected, id, noCounters);
    const name = fieldOf(event.variant, event.event);
    addTo(counters.counts, name, 1);
    for (const segment of segmentsOf(event)) addTo(counters.counts, `${name}:${segment}`, 1);
    addTo(counters.days, `${new Date(at).toISOString().slice(0, 10)}:${name}`, 1);
    getOr(counters.uniques, name, () => new Set<string>()).add(event.unit ?? event.uuid);
    getOr(experiments, id, () => []).push({ event, at });
  }
  for (const [id, counters] of expected) foldUnits(experiments.get(id) ?? [], counters.moments);
  return expected;
}

interface NamedEvent {
  event: TrackedEvent;
  at: number;
}

const ATTRIBUTED_MS = 30 * 86_400_000;
/** A goal that came before the exposure counts if it was received at most so long before it. */
export const GRACE_MS = 600_000;

/** Goals that name no experiment, written out as if each had been sent for every experiment that its visitor had seen. */
function writeOut(counted: readonly AcknowledgedEvent[], tables: Tables): NamedEvent[] {
  const firsts = new Map<string, Map<string, NamedEvent & { place: number }>>();
  counted.forEach(({ event, at }, place) => {
    if (event.experiment === undefined || event.event !== EXPOSURE || event.unit === undefined) return;
    const seen = getOr(firsts, JSON.stringify([event.namespace, event.unit]), () => new Map());
    getOr(seen, event.experiment, () => ({ event, at, place }));
  });
  return counted.flatMap(({ event, at }, place): NamedEvent[] => {
    if (event.experiment !== undefined) return [{ event, at }];
    const exposures = [...(firsts.get(JSON.stringify([event.namespace, event.unit]))?.values() ?? [])];
    return exposures
      .filter((exposure) => {
        if (at < incarnationOf(exposure.event, tables).since) return false;
        return exposure.place < place ? at - exposure.at <= ATTRIBUTED_MS : exposure.at - at <= GRACE_MS;
      })
      .map(({ event: { experiment, variant } }) => ({ event: { ...event, experiment, variant }, at }));
  });
}

/** Where an event's experiment begins; a goal that names none belongs to no incarnation. */
export function incarnationOf({ namespace, experiment }: StreamEvent, tables: Tables): Incarnation {
  return experiment === undefined ? FIRST_INCARNATION : tables.incarnationOf(experimentName(namespace, experiment));
}

function noCounters(): Expected {
  return { counts: new Map(), days: new Map(), moments: new Map(), uniques: new Map() };
}

/** The copies that count, in stream order. */
export function findCounted(acknowledged: readonly AcknowledgedEvent[], tables: Tables): AcknowledgedEvent[] {
  const copies = new Map<string, { id: Uint8Array; events: AcknowledgedEvent[] }>();
  for (const entry of acknowledged) {
    const { number, since } = incarnationOf(entry.event, tables);
    if (entry.at < since) continue;
    const id = claimId(entry.event, number);
    getOr(copies, Buffer.from(id).toString('hex'), () => ({ id, events: [] })).events.push(entry);
  }
  const counted = new Set<AcknowledgedEvent>();
  for (const { id, events } of copies.values()) {
    // Any copy may be the one that counts; which of them it was stands in the claims. How many count does not.
    const owners = tables.ownersOf(id);
    windowsOf(events).forEach((window, index) => {
      const owner = window.find(({ place }) => owners.some((stored) => stored.split('~')[0] === place));
      if (!owner && owners.includes(TOMBSTONE_OWNER)) return; // refused: check-names.ts says whether rightly
      counted.add(owner ?? window[0] ?? fail(`window ${index} is empty`));
    });
  }
  return acknowledged.filter((entry) => counted.has(entry));
}

/** What the claim says of an event's segments: `1+` after the owner, where the second one is counted as its key's others. */
export function overflowsOf({ event, place }: AcknowledgedEvent, tables: Tables): string[] {
  const owners = tables.ownersOf(claimId(event, incarnationOf(event, tables).number));
  return owners.filter((owner) => owner.split('~')[0] === place).map((owner) => owner.slice(place.length + 1));
}

function asCounted(entry: AcknowledgedEvent, tables: Tables): StreamEvent {
  const { event } = entry;
  const [overflow = ''] = overflowsOf(entry, tables);
  if (overflow === '' || !event.segments) return event;
  const segments = Object.fromEntries(
    Object.entries(event.segments).flatMap(([key, value], index) => {
      if (overflow.includes(`${index}-`)) return [];
      return [[key, overflow.includes(`${index}+`) ? '(other)' : value]];
    }),
  );
  return { ...event, segments };
}

/** Copies by the window that they came in: the first one after a window has ended begins another. */
function windowsOf(events: readonly AcknowledgedEvent[]): AcknowledgedEvent[][] {
  const windows: AcknowledgedEvent[][] = [];
  for (const entry of [...events].sort((a, b) => a.at - b.at)) {
    const window = windows.at(-1);
    if (window?.[0] && entry.at <= window[0].at + CLAIM_WINDOW_MS) window.push(entry);
    else windows.push([entry]);
  }
  return windows;
}

/** What each unit did, told from its events in order, and then summed over the units. */
function foldUnits(events: readonly NamedEvent[], moments: Map<string, number[]>): void {
  const units = new Map<string, NamedEvent[]>();
  for (const named of events) {
    if (named.event.unit !== undefined) getOr(units, named.event.unit, () => []).push(named);
  }
  for (const visits of units.values()) {
    const exposure = visits.findIndex(({ event }) => event.event === EXPOSURE);
    const exposed = visits[exposure];
    if (!exposed) continue;
    const first = exposed.event;
    const early = visits.slice(0, exposure).filter(({ at }) => exposed.at - at <= GRACE_MS);
    const later = [...early, ...visits.slice(exposure + 1)].map(({ event }) => event);
    const crossed = later.some(({ variant }) => variant !== first.variant);
    const add = (field: string, sums: number[]) => {
      for (const name of [field, ...segmentsOf(first).map((segment) => `${field}:${segment}`)]) {
        moments.set(
          name,
          sums.map((sum, index) => sum + (moments.get(name)?.[index] ?? 0)),
        );
      }
    };
    add(`${fieldOf(first.variant)}:`, [1, crossed ? 1 : 0]);

    const goals = later.filter(({ variant, event }) => variant === first.variant && event !== EXPOSURE);
    for (const goal of new Set(goals.map(({ event }) => event))) {
      const values = goals.filter(({ event }) => event === goal).map(({ value }) => value ?? 0);
      const worth = values.reduce((sum, value) => sum + value, 0);
      add(fieldOf(first.variant, goal), [1, values.length, values.length ** 2, worth, worth ** 2]);
    }
  }
}

function segmentsOf({ segments = {} }: TrackedEvent): string[] {
  return Object.entries(segments).map(([key, value]) => fieldOf(`${key}=${value}`));
}

function addTo(sums: Map<string, number>, field: string, count: number): void {
  sums.set(field, (sums.get(field) ?? 0) + count);
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}

function fail(message: string): never {
  throw new Error(message);
}
