import { EXPOSURE } from '../../shared/event.ts';
import type { ImportedCounts } from '../../shared/imports.ts';
import type { StoredTally } from '../../shared/tally-reader.ts';
import type { Moments } from '../../stats/experiment.ts';
import { sortedNames } from './gimel-report.ts';

/** What has been counted of one experiment, of all its visitors or of those of one segment. */
export interface Tally {
  /** variant -> event -> how many; NaN where the stored counter is none. */
  counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** variant -> visitors with a unit, by the variant that they saw first. */
  visitors: ReadonlyMap<string, Visitors>;
  /** What of `counts` another system had counted. */
  imported?: ImportedCounts;
}

export interface Visitors {
  units: number;
  /** Those that were seen in another variant later. */
  crossovers: number;
  goals: ReadonlyMap<string, Omit<Moments, 'units'>>;
}

/** A field of a counter hash in its encoded parts: `variant:event` or `variant:event:segment`. */
type Field = [variant: string, event: string, segment: string | undefined];

/** Reads the stored hashes. @param segment `platform=ios`; missing for all visitors */
export function readTally({ counts, moments }: StoredTally, segment?: string): Tally {
  const wanted = segment === undefined ? undefined : encodeURIComponent(segment);
  return { counts: readCounts(counts, wanted), visitors: readVisitors(moments, wanted) };
}

/**
 * Adds what another system had counted. Rates are of both together: who was exposed there may convert here. Metrics on
 * visitors stay Mem's own, since nobody can tell which of its visitors those were.
 * @param tally of all visitors
 */
export function withImported(tally: Tally, imported: ImportedCounts | undefined): Tally {
  if (imported === undefined) return tally;
  const counts = new Map([...tally.counts].map(([variant, events]) => [variant, new Map(events)]));
  for (const { variant, event, count } of imported.counts) {
    const events = entryOf(counts, variant, () => new Map<string, number>());
    events.set(event, (events.get(event) ?? 0) + count);
  }
  return { ...tally, counts, imported };
}

/** How much of a count was imported. */
export function importedOf({ imported }: Tally, variant: string, event: string): number {
  return imported?.counts.find((count) => count.variant === variant && count.event === event)?.count ?? 0;
}

function readCounts(fields: StoredTally['counts'], wanted: string | undefined): Tally['counts'] {
  const counts = new Map<string, Map<string, number>>();
  for (const name of Object.keys(fields)) {
    const [variant, event, segment] = splitField(name);
    if (segment !== wanted) continue;
    entryOf(counts, decode(variant), () => new Map<string, number>()).set(decode(event), toCount(fields[name]));
  }
  return counts;
}

function readVisitors(fields: StoredTally['moments'], wanted: string | undefined): Tally['visitors'] {
  interface Growing extends Visitors {
    goals: Map<string, Omit<Moments, 'units'>>;
  }
  const visitors = new Map<string, Growing>();
  for (const name of Object.keys(fields)) {
    const [variant, goal, segment] = splitField(name);
    if (segment !== wanted) continue;
    const entry = entryOf(visitors, decode(variant), () => ({ units: 0, crossovers: 0, goals: new Map() }));
    const [a = NaN, b = NaN, c = NaN, d = NaN, e = NaN] = (fields[name] ?? '').split(' ').map(Number);
    if (goal === '') Object.assign(entry, { units: a, crossovers: b });
    else entry.goals.set(decode(goal), { converted: a, sumN: b, sumN2: c, sumV: d, sumV2: e });
  }
  return visitors;
}

function entryOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}

function splitField(field: string): Field {
  const first = field.indexOf(':');
  const second = field.indexOf(':', first + 1);
  if (second === -1) return [field.slice(0, first), field.slice(first + 1), undefined];
  return [field.slice(0, first), field.slice(first + 1, second), field.slice(second + 1)];
}

/** Most names hold nothing that is encoded, and a list reads many thousands of them. One that Mem did not write stays as it is. */
function decode(part: string): string {
  if (!part.includes('%')) return part;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function toCount(text: string | undefined): number {
  const count = Number(text);
  return Number.isSafeInteger(count) && count >= 0 ? count : NaN;
}

export function countOf({ counts }: Tally, variant: string, event: string): number {
  return counts.get(variant)?.get(event) ?? 0;
}

/** What the moments say of a goal in a variant; undefined where no event of the experiment carries a unit. */
export function momentsOf({ visitors }: Tally, variant: string, goal: string): Moments | undefined {
  if (visitors.size === 0) return undefined;
  const seen = visitors.get(variant);
  const reached = seen?.goals.get(goal) ?? { converted: 0, sumN: 0, sumN2: 0, sumV: 0, sumV2: 0 };
  return { units: seen?.units ?? 0, ...reached };
}

/** Events of a goal from visitors who had reached it before; 0 where events carry no unit, as nobody can tell then. */
export function repeatsOf(tally: Tally, variant: string, goal: string): number {
  const moments = momentsOf(tally, variant, goal);
  return moments ? moments.sumN - moments.converted : 0;
}

/**
 * How many converted: a visitor who reached a goal several times counts once, since a rate is of independent trials.
 * (Of a segment, the plain count can be smaller than what its visitors did: goal events need not repeat the segment.)
 */
export function conversionsOf(tally: Tally, variant: string, goal: string): number {
  const count = countOf(tally, variant, goal);
  const converted = momentsOf(tally, variant, goal)?.converted ?? 0;
  return Math.max(count - repeatsOf(tally, variant, goal), Math.min(count, converted));
}

/** The variants with any event, by name. */
export function variantsOf({ counts }: Tally): string[] {
  return sortedNames([...counts.keys()]);
}

/** The goals with any event, by name. */
export function goalsOf({ counts }: Tally): string[] {
  const events = new Set<string>();
  for (const ofVariant of counts.values()) for (const event of ofVariant.keys()) events.add(event);
  events.delete(EXPOSURE);
  return sortedNames([...events]);
}

/** The segments that events have carried: key -> values, by name. */
export function segmentsOf({ counts }: StoredTally): Record<string, string[]> {
  const labels = new Set<string>();
  for (const field of Object.keys(counts)) {
    const segment = splitField(field)[2];
    if (segment !== undefined) labels.add(decode(segment));
  }
  const segments = new Map<string, string[]>();
  for (const label of sortedNames([...labels])) {
    const equals = label.indexOf('=');
    entryOf(segments, label.slice(0, equals), () => []).push(label.slice(equals + 1));
  }
  return Object.fromEntries(segments);
}
