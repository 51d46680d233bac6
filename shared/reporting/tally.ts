import type { ParticipantsAre } from '../contract/answers.ts';
import { EXPOSURE } from '../contract/event.ts';
import type { ImportedCounts } from '../stores/dynamodb/imports.ts';
import type { PackedTally, StoredTally } from '../stores/redis/tally-reader.ts';
import type { Moments } from '../../stats/experiment.ts';
import { sortedNames } from './living-experiments.ts';

/** What has been counted of one experiment, of all its visitors or of those of one segment. */
export interface Tally {
  /** variant -> event -> how many; NaN where the stored counter is none. */
  counts: ReadonlyMap<string, ReadonlyMap<string, number>>;
  /** variant -> visitors with a unit, by the variant that they saw first. */
  visitors: ReadonlyMap<string, Visitors>;
  /** What of `counts` another system had counted. */
  imported?: ImportedCounts;
  /** What a rate is of; exposures until somebody has looked (see `participationOf`). */
  participantsAre: ParticipantsAre;
}

export interface Visitors {
  units: number;
  /** Those that were seen in another variant later. */
  crossovers: number;
  goals: ReadonlyMap<string, Moments>;
}

/** A hash as one list: [field, value, field, value, …] */
type Flat = readonly string[];

/** A field of a counter hash in its encoded parts: `variant:event` or `variant:event:segment`. */
type Field = [variant: string, event: string, segment: string | undefined];

/** Reads the stored hashes. @param segment `platform=ios`; missing for all visitors */
export function readTally({ counts, moments }: Pick<StoredTally, 'counts' | 'moments'>, segment?: string): Tally {
  const wanted = segment === undefined ? undefined : encodeURIComponent(segment);
  return {
    counts: readCounts(Object.entries(counts).flat(), wanted),
    visitors: readVisitors(Object.entries(moments).flat(), wanted),
    participantsAre: 'exposures',
  };
}

/** Of all visitors. */
export function readPackedTally(packed: PackedTally): Tally {
  const [counts = '', moments = ''] = packed.split('\n');
  return {
    counts: readCounts(counts.split('\t'), undefined),
    visitors: readVisitors(moments.split('\t'), undefined),
    participantsAre: 'exposures',
  };
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

function readCounts(fields: Flat, wanted: string | undefined): Tally['counts'] {
  const counts = new Map<string, Map<string, number>>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [variant, event, segment] = splitField(fields[i] ?? '');
    if (segment !== wanted) continue;
    entryOf(counts, decode(variant), () => new Map<string, number>()).set(decode(event), toCount(fields[i + 1]));
  }
  return counts;
}

function readVisitors(fields: Flat, wanted: string | undefined): Tally['visitors'] {
  interface Growing extends Visitors {
    goals: Map<string, { -readonly [Sum in keyof Moments]: number }>;
  }
  const visitors = new Map<string, Growing>();
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [variant, goal, segment] = splitField(fields[i] ?? '');
    if (segment !== wanted) continue;
    const entry = entryOf(visitors, decode(variant), () => ({ units: 0, crossovers: 0, goals: new Map() }));
    const sums = (fields[i + 1] ?? '').split(' ');
    if (goal === '') Object.assign(entry, { units: Number(sums[0]), crossovers: Number(sums[1]) });
    else entry.goals.set(decode(goal), toMoments(sums));
  }
  for (const { units, goals } of visitors.values()) for (const moments of goals.values()) moments.units = units;
  return visitors;
}

/** Without the units, which stand in a field of their own. */
function toMoments([converted, sumN, sumN2, sumV, sumV2]: readonly string[]) {
  return {
    units: 0,
    converted: Number(converted),
    sumN: Number(sumN),
    sumN2: Number(sumN2),
    sumV: Number(sumV),
    sumV2: Number(sumV2),
  };
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
  return seen?.goals.get(goal) ?? { units: seen?.units ?? 0, converted: 0, sumN: 0, sumN2: 0, sumV: 0, sumV2: 0 };
}

/** Events of a goal from visitors who had reached it before; 0 where events carry no unit, as nobody can tell then. */
function repeatsOf(tally: Tally, variant: string, goal: string): number {
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
export function segmentsOf({ labels }: Pick<StoredTally, 'labels'>): Record<string, string[]> {
  const segments = new Map<string, string[]>();
  for (const label of sortedNames(Object.keys(labels).map(decode))) {
    const equals = label.indexOf('=');
    entryOf(segments, label.slice(0, equals), () => []).push(label.slice(equals + 1));
  }
  return Object.fromEntries(segments);
}
