import { fieldOf } from '../../contract/experiment-id.ts';
import type { Code, Dictionary } from './codes.ts';
import {
  decodeVisitor,
  emptyRecord,
  encodeVisitor,
  experimentsIn,
  putState,
  stateOf,
  type GoalSums,
  type VisitorRecord,
  type VisitorState,
} from './visitor-record.ts';

/** An event that counts, and says of whom it is. Names are encoded as in the fields of moments. */
export type Visit = ExperimentVisit | VisitorGoalVisit;

export interface ExperimentVisit {
  namespace: string;
  /** visitorKey() */
  visitor: string;
  /** See experimentId(). */
  experiment: string;
  variant: string;
  /** '' for an exposure. */
  goal: string;
  value: number;
  segments: readonly string[];
  /** Receipt time, ms. */
  at: number;
}

/** A goal that counts in every experiment of the namespace that its visitor has been exposed in. */
export interface VisitorGoalVisit extends Omit<ExperimentVisit, 'experiment' | 'variant' | 'segments'> {
  experiment?: undefined;
}

/** Whether an event received at a time (ms) counts in an incarnation of an experiment: see experimentId(). */
export type IsLiving = (experiment: string, at: number) => boolean;

/** So long after the first exposure a goal that names no experiment counts there. */
export const ATTRIBUTION_DAYS = 30;
const ATTRIBUTION_MS = ATTRIBUTION_DAYS * 86_400_000;

/** visitorKey() -> … */
export type ByVisitor<T> = Map<string, T>;

/**
 * The dictionaries that stand behind a generation's records: of a namespace's experiments, under experimentsOf() it, and
 * of the variants, goals and segments of one experiment, under its id: see variantName(), goalName(), segmentName().
 */
export type Dictionaries = (of: string) => Dictionary;

export function experimentsOf(namespace: string): string {
  return fieldOf(namespace);
}

/** Adds to the fields of moments: see "Moments" in docs/architecture.md */
export type MomentDeltas = Map<string, number[]>;

export interface ExperimentDeltas {
  /** (variant) -> [units, crossed over], (variant, goal) -> [converted, Σn, Σn², Σv, Σv²] */
  moments: MomentDeltas;
  /** The same of each segment. */
  segmentMoments: MomentDeltas;
}

/** Entries of a dictionary. */
export type Codes = Map<Code, string>;

export interface Folded {
  /** The contents of the records that have changed. */
  records: ByVisitor<Buffer>;
  /** Experiment's id -> what is added. */
  deltas: Map<string, ExperimentDeltas>;
  /** Every entry of a dictionary that this fold has relied on, by dictionary: see Dictionary. */
  used: Map<string, Codes>;
  /** Dictionaries that lack a code which a record holds: where there are any, nothing else here may be used. */
  unknown: Set<string>;
  /** Where goals that name no experiment count, and for which variant. */
  reached: { visit: VisitorGoalVisit; experiment: string; variant: string }[];
  /** How many visits did not count for their visitor, whose record has no more room. */
  leftOut: number;
}

export const variantName = (variant: string) => `v${variant}`;
export const goalName = (goal: string) => `g${goal}`;
export const segmentName = (segment: string) => `s${segment}`;

/**
 * Takes visits, in stream order, into the records of their visitors, and answers what that adds to the moments. A pure
 * function but for codes: names that a dictionary does not know yet are given one.
 * @param records contents of the records that there are, by visitorKey()
 */
export function fold(
  records: ReadonlyMap<string, Uint8Array>,
  visits: readonly Visit[],
  dictionaries: Dictionaries,
  isLiving: IsLiving,
): Folded {
  const opened: ByVisitor<VisitorRecord> = new Map();
  const changed = new Set<string>();
  const folded = emptyFolded();
  for (const visit of visits) {
    const record = openRecord(visit.visitor, opened, records);
    const steps =
      visit.experiment === undefined
        ? takeGoal(record, visit, dictionaries, isLiving, folded)
        : [takeVisit(record, visit, dictionaries, folded)];
    if (steps.includes('left out')) folded.leftOut += 1;
    if (steps.includes('changed')) changed.add(visit.visitor);
  }
  for (const key of changed) folded.records.set(key, encodeVisitor(opened.get(key) ?? emptyRecord()));
  return folded;
}

function emptyFolded(): Folded {
  return {
    records: new Map(),
    deltas: new Map(),
    used: new Map(),
    unknown: new Set(),
    reached: [],
    leftOut: 0,
  };
}

function openRecord(
  key: string,
  opened: ByVisitor<VisitorRecord>,
  records: ReadonlyMap<string, Uint8Array>,
): VisitorRecord {
  const present = opened.get(key);
  if (present) return present;
  const content = records.get(key);
  const record = content === undefined ? emptyRecord() : decodeVisitor(content);
  opened.set(key, record);
  return record;
}

type Step = 'changed' | 'unchanged' | 'left out';

/** The names of one experiment, each use of which is noted. */
interface Names {
  codeOf: (name: string) => Code;
  /** '' where the code is unknown, which is noted. */
  nameOf: (code: Code) => string;
}

function takeVisit(record: VisitorRecord, visit: ExperimentVisit, dictionaries: Dictionaries, folded: Folded): Step {
  const { experiment, goal } = visit;
  const all = experimentsOf(visit.namespace);
  const experiments = dictionaries(all);
  const isOwn = (code: Code) => experiments.nameOf(code) === experiment;
  const code = experiments.codeOf(experiment, codesIn(folded.used, all));
  const state = stateOf(record, isOwn);
  if (!state && experimentsIn(record).some((other) => experiments.nameOf(other) === undefined)) {
    folded.unknown.add(all);
  }
  if (!state && goal !== '') return 'unchanged';

  const names = noteNames(experiment, dictionaries(experiment), folded);
  const next = state ? advance(state, visit, names) : expose(visit, names);
  return next ? putNext(record, isOwn, code, next, names, deltasOf(folded.deltas, experiment)) : 'unchanged';
}

function putNext(
  record: VisitorRecord,
  isOwn: (code: Code) => boolean,
  code: Code,
  { state, field, delta }: Advance,
  names: Names,
  deltas: ExperimentDeltas,
): Step {
  if (!putState(record, isOwn, code, state)) return 'left out';
  addDelta(deltas, field, segmentsOf(state, names), delta);
  return 'changed';
}

/** As if the goal had been sent for each experiment, with the variant that the visitor saw first there. */
function takeGoal(
  record: VisitorRecord,
  visit: VisitorGoalVisit,
  dictionaries: Dictionaries,
  isLiving: IsLiving,
  folded: Folded,
): Step[] {
  const all = experimentsOf(visit.namespace);
  const experiments = dictionaries(all);
  return experimentsIn(record).map((code): Step => {
    const experiment = experiments.nameOf(code);
    const isOwn = (other: Code) => other === code;
    const state = stateOf(record, isOwn);
    if (experiment === undefined) folded.unknown.add(all);
    else codesIn(folded.used, all).set(code, experiment);
    if (experiment === undefined || !state || !isLiving(experiment, visit.at)) return 'unchanged';
    if (visit.at - state.exposedAt > ATTRIBUTION_MS) return 'unchanged';

    const names = noteNames(experiment, dictionaries(experiment), folded);
    const variant = names.nameOf(state.variant).slice(1);
    folded.reached.push({ visit, experiment, variant });
    const next = advance(state, { variant, goal: visit.goal, value: visit.value }, names);
    return next ? putNext(record, isOwn, code, next, names, deltasOf(folded.deltas, experiment)) : 'unchanged';
  });
}

interface Advance {
  state: VisitorState;
  field: string;
  delta: readonly number[];
}

/** The first exposure fixes the variant and the segments. */
function expose({ variant, segments, at }: ExperimentVisit, names: Names): Advance {
  const state: VisitorState = {
    variant: names.codeOf(variantName(variant)),
    crossedOver: false,
    exposedAt: at,
    segments: segments.map((segment) => names.codeOf(segmentName(segment))),
    goals: new Map(),
  };
  return { state, field: `${variant}:`, delta: [1, 0] };
}

/** What a visitor does after the exposure; undefined where it changes nothing. */
function advance(
  state: VisitorState,
  { variant, goal, value }: Pick<ExperimentVisit, 'variant' | 'goal' | 'value'>,
  names: Names,
): Advance | undefined {
  const first = names.nameOf(state.variant).slice(1);
  if (first !== variant) {
    return state.crossedOver
      ? undefined
      : { state: { ...state, crossedOver: true }, field: `${first}:`, delta: [0, 1] };
  }
  if (goal === '') return undefined;
  const code = names.codeOf(goalName(goal));
  const before: GoalSums = state.goals.get(code) ?? { n: 0, v: 0 };
  const goals = new Map(state.goals).set(code, { n: before.n + 1, v: before.v + value });
  return { state: { ...state, goals }, field: `${variant}:${goal}`, delta: goalDelta(before, value) };
}

/** By how much [converted, Σn, Σn², Σv, Σv²] grow when a unit with such sums reaches its goal once more. */
function goalDelta({ n, v }: GoalSums, value: number): number[] {
  return [n === 0 ? 1 : 0, 1, 2 * n + 1, value, 2 * v * value + value * value];
}

function segmentsOf({ segments }: VisitorState, names: Names): string[] {
  return segments.map((code) => names.nameOf(code).slice(1));
}

function addDelta(
  deltas: ExperimentDeltas,
  field: string,
  segments: readonly string[],
  delta: readonly number[],
): void {
  addTo(deltas.moments, field, delta);
  for (const segment of segments) addTo(deltas.segmentMoments, `${field}:${segment}`, delta);
}

function addTo(deltas: MomentDeltas, field: string, delta: readonly number[]): void {
  const sums = deltas.get(field);
  if (sums) for (let i = 0; i < delta.length; i += 1) sums[i] = (sums[i] ?? 0) + (delta[i] ?? 0);
  else deltas.set(field, [...delta]);
}

function noteNames(experiment: string, dictionary: Dictionary, { used, unknown }: Folded): Names {
  const codes = codesIn(used, experiment);
  return {
    codeOf: (name) => dictionary.codeOf(name, codes),
    nameOf(code) {
      const name = dictionary.nameOf(code);
      if (name === undefined) unknown.add(experiment);
      else codes.set(code, name);
      return name ?? '';
    },
  };
}

function codesIn(dictionaries: Map<string, Codes>, name: string): Codes {
  const present = dictionaries.get(name);
  if (present) return present;
  const codes: Codes = new Map();
  dictionaries.set(name, codes);
  return codes;
}

function deltasOf(deltas: Map<string, ExperimentDeltas>, experiment: string): ExperimentDeltas {
  const present = deltas.get(experiment);
  if (present) return present;
  const none: ExperimentDeltas = { moments: new Map(), segmentMoments: new Map() };
  deltas.set(experiment, none);
  return none;
}
