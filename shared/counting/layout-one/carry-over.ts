import { experimentName, fieldOf, parseExperimentId, type ExperimentRef } from '../../contract/experiment-id.ts';
import { compareSequence, type SequenceNumber } from '../../contract/sequence-number.ts';
import { InvalidRecord } from '../../runtime/errors.ts';
import type { Deletions, Generations, ShardReader, StoredRecord } from '../ports.ts';
import { createDictionary, EXPERIMENT_CODE_BYTES, NAME_CODE_BYTES, type Code } from '../visitors/codes.ts';
import type { Counters, GenerationStore, Watermarks } from '../counters.ts';
import {
  LostLock,
  type CarriedOver,
  type Carrier,
  type Carrying,
  type LayoutOne,
  type UnitState,
} from './layout-one.ts';
import {
  decodeVisitor,
  dropStates,
  emptyRecord,
  encodeVisitor,
  putState,
  visitorOf,
  type VisitorState,
} from '../visitors/visitor-record.ts';
import { goalName, segmentName, variantName } from '../visitors/fold.ts';
import { shardIdOf } from '../position.ts';
import { decodeRecord } from '../stream-record.ts';

export interface CarryDeps {
  counters: Pick<Counters, 'readPointer'>;
  layoutOne: LayoutOne;
  generationStore: Pick<GenerationStore, 'remove'>;
  generations: Generations;
  deletions: Pick<Deletions, 'readAll'>;
  reader: ShardReader;
  /** ms since 1970 */
  now: () => number;
  /** Told of each step, for people. */
  say: (line: string) => void;
}

/** Whatever an event after a watermark may have changed. */
interface Touched {
  /** experimentName() -> units */
  units: Map<string, Set<string>>;
  /** The last record that was looked at, by shard. */
  positions: Map<string, SequenceNumber>;
}

const HOLDS = 5;
const ATTEMPTS = 5;
const UNITS_PER_WRITE = 1_000;

/**
 * Carries the counters that version 0.1.0 serves over into a generation of this layout, and serves that. The old one
 * stays: whoever goes back to 0.1.0 finds it, and recovers from the stream what was counted since.
 *
 * All is copied while deliveries go on; then the units and experiments that events have touched meanwhile once more, the
 * last time under a hold. It can be killed anywhere, and the next one goes on where it was.
 */
export async function carryOver(deps: CarryDeps): Promise<CarriedOver> {
  const { counters, layoutOne } = deps;
  if ((await counters.readPointer()) !== undefined) return 'nothing';
  const from = await layoutOne.readPointer();
  if (from === undefined) return 'nothing';
  const carrier = await layoutOne.lock();
  if (!carrier) return 'unfinished';
  try {
    return await carry(from, carrier, deps);
  } catch (error) {
    if (error instanceof LostLock) return 'unfinished';
    throw error;
  } finally {
    await carrier.release();
  }
}

async function carry(from: string, carrier: Carrier, deps: CarryDeps): Promise<CarriedOver> {
  const { layoutOne } = deps;
  const carrying = await begin(from, carrier, deps);
  const ids = await livingIds(from, deps);
  for (const [index, id] of ids.entries()) {
    if (carrying.done.has(id)) continue;
    deps.say(`carrying ${index + 1} of ${ids.length} experiments over`);
    await carryExperiment(carrying, id, carrier, deps);
    await carrier.done(id);
  }

  const touched: Touched = { units: new Map(), positions: new Map(carrying.watermarks) };
  for (let attempt = 0; attempt < HOLDS; attempt += 1) {
    if (!(await followStream(carrying, touched, carrier, deps))) return startAnew(carrying, carrier, deps);
    await carrier.hold();
    if (!(await followStream(carrying, touched, carrier, deps))) return startAnew(carrying, carrier, deps);
    await carrier.copyLists(carrying);
    const watermarks = await layoutOne.readWatermarks(from);
    if (areBehind(watermarks, carrying.watermarks)) return startAnew(carrying, carrier, deps);
    const served = await carrier.serve(carrying, watermarks);
    if (served === 'served') deps.say(`${carrying.to} is served, carried over from ${from} of the layout before`);
    if (served !== 'moved') return served === 'served' ? 'carried' : 'unfinished';
  }
  return 'unfinished';
}

/** Goes on with what was begun, unless that was of another generation. */
async function begin(from: string, carrier: Carrier, deps: CarryDeps): Promise<Carrying> {
  const begun = await deps.layoutOne.readCarrying();
  if (begun?.from === from) return begun;
  if (begun) await deps.generationStore.remove(begun.to);
  const watermarks = await deps.layoutOne.readWatermarks(from);
  const carrying = { from, to: await deps.generations.next(), at: deps.now(), watermarks };
  await carrier.begin(carrying);
  return { ...carrying, done: new Set(), reached: new Map() };
}

/** Where the stream no longer tells what has changed since, or Redis has lost writes: what was copied is worth nothing. */
async function startAnew(
  { to }: Carrying,
  carrier: Carrier,
  { say, generationStore }: CarryDeps,
): Promise<CarriedOver> {
  await carrier.giveUp();
  await generationStore.remove(to);
  say('the old counters have changed in a way that the stream does not tell: carrying over begins anew');
  return 'unfinished';
}

/** Nobody reads what was deleted. */
async function livingIds(from: string, { layoutOne, deletions }: CarryDeps): Promise<string[]> {
  const marks = await deletions.readAll();
  return (await layoutOne.experiments(from)).sort().filter((id) => {
    const ref = parseExperimentId(id);
    const mark = ref && marks.get(experimentName(ref.namespace, ref.experiment));
    return ref !== undefined && ref.incarnation >= (mark?.number ?? 0);
  });
}

async function carryExperiment(carrying: Carrying, id: string, carrier: Carrier, deps: CarryDeps): Promise<void> {
  await carrier.copyCounters(carrying, id);
  for await (const { units, next } of deps.layoutOne.scanUnits(carrying.from, id, carrying.reached.get(id))) {
    await carrier.renew();
    await writeUnits(carrying, id, units, carrier, deps);
    await carrier.reached(id, next);
  }
}

/** Copies once more what events after the last positions may have changed. @returns false where the stream cannot tell */
async function followStream(carrying: Carrying, touched: Touched, carrier: Carrier, deps: CarryDeps): Promise<boolean> {
  const { layoutOne } = deps;
  const fresh: Touched['units'] = new Map();
  // What lies behind a watermark has changed nothing, and may wait for the end of the carrying in any number.
  for (const [shard, watermark] of await layoutOne.readWatermarks(carrying.from)) {
    if (isReached(touched.positions.get(shard), watermark)) continue;
    for await (const { records, trimmed } of deps.reader.read(shardIdOf(shard), touched.positions.get(shard))) {
      await carrier.renew();
      if (trimmed) return false;
      for (const record of records) noteUnits(record, fresh);
      const last = records.at(-1)?.sequence;
      if (last !== undefined) touched.positions.set(shard, last);
      if (isReached(last, watermark)) break;
    }
  }
  // What a delivery counted after it was read here is read once more, under the hold.
  for (const [name, units] of fresh) addAll(unitsOf(touched.units, name), units);
  for (const id of await livingIds(carrying.from, deps)) {
    const ref = parseExperimentId(id);
    const units = ref && touched.units.get(experimentName(ref.namespace, ref.experiment));
    if (!units) continue;
    await carrier.copyCounters(carrying, id);
    await writeUnits(carrying, id, await layoutOne.readUnits(carrying.from, id, [...units]), carrier, deps);
  }
  return true;
}

function isReached(position: SequenceNumber | undefined, watermark: SequenceNumber): boolean {
  return position !== undefined && compareSequence(position, watermark) >= 0;
}

function noteUnits({ data }: StoredRecord, touched: Touched['units']): void {
  for (const { namespace, experiment, unit } of eventsOf(data)) {
    if (experiment === undefined) continue; // nothing that version 0.1.0 has counted
    const units = unitsOf(touched, experimentName(namespace, experiment));
    if (unit !== undefined) units.add(unit);
  }
}

function eventsOf(data: Uint8Array) {
  try {
    return decodeRecord(data).events;
  } catch (error) {
    if (error instanceof InvalidRecord) return [];
    throw error;
  }
}

function unitsOf(touched: Touched['units'], name: string): Set<string> {
  const present = touched.get(name);
  if (present) return present;
  const none = new Set<string>();
  touched.set(name, none);
  return none;
}

function addAll(all: Set<string>, more: ReadonlySet<string>): void {
  for (const one of more) all.add(one);
}

/** Puts units' states into the records of their visitors; takes out those of units that are not there any more. */
async function writeUnits(
  { to, at }: Carrying,
  id: string,
  units: ReadonlyMap<string, UnitState | undefined>,
  carrier: Carrier,
  { layoutOne: { visitors } }: CarryDeps,
): Promise<void> {
  const ref = parseExperimentId(id);
  if (!ref) return;
  const codes = await openCodes(to, id, ref, visitors);
  const all = [...units];
  for (let first = 0; first < all.length; first += UNITS_PER_WRITE) {
    let page = all.slice(first, first + UNITS_PER_WRITE);
    for (let attempt = 0; page.length > 0; attempt += 1) {
      if (attempt === ATTEMPTS) throw new LostLock(`records of ${to} keep changing`);
      const refs = page.map(([unit]) => visitorOf({ namespace: ref.namespace, unit }));
      const read = await visitors.readVisitors(to, refs);
      const updates = page.map(([, state], index) => {
        const visitor = refs[index] ?? visitorOf({ namespace: '', unit: '' });
        const content = withState(read[index]?.content, codes, state && codes.toState(state, at));
        return { visitor, read: read[index], content };
      });
      for (const [of, entries] of codes.fresh()) await carrier.writeCodes(to, of, entries);
      const replaced = await carrier.replace(to, updates);
      page = page.filter((_, index) => !replaced[index]);
    }
  }
}

interface OpenCodes {
  code: Code;
  isOwn: (code: Code) => boolean;
  toState: (state: UnitState, at: number) => VisitorState;
  /** Entries that were used for the first time. */
  fresh: () => Map<string, Map<Code, string>>;
}

async function openCodes(
  generation: string,
  id: string,
  { namespace }: ExperimentRef,
  visitors: LayoutOne['visitors'],
): Promise<OpenCodes> {
  const all = fieldOf(namespace);
  const [experimentCodes, nameCodes] = await visitors.readCodes(generation, [all, id]);
  const experiments = createDictionary(experimentCodes ?? [], EXPERIMENT_CODE_BYTES);
  const names = createDictionary(nameCodes ?? [], NAME_CODE_BYTES);
  let used = new Map<string, Map<Code, string>>([[all, new Map([[experiments.codeOf(id), id]])]]);
  const written = new Map<Code, string>(nameCodes);
  const codeOf = (name: string): Code => {
    const code = names.codeOf(name);
    if (!written.has(code)) used.set(id, (used.get(id) ?? new Map<Code, string>()).set(code, name));
    written.set(code, name);
    return code;
  };
  return {
    code: experiments.codeOf(id),
    isOwn: (code) => experiments.nameOf(code) === id,
    toState: ({ variant, crossedOver, segments, goals }, exposedAt) => ({
      variant: codeOf(variantName(variant)),
      crossedOver,
      exposedAt,
      segments: segments.map((segment) => codeOf(segmentName(segment))),
      goals: new Map([...goals].map(([goal, sums]) => [codeOf(goalName(goal)), sums])),
    }),
    fresh() {
      const fresh = used;
      used = new Map();
      return fresh;
    },
  };
}

function withState(content: Buffer | undefined, { code, isOwn }: OpenCodes, state: VisitorState | undefined): Buffer {
  const record = content ? decodeVisitor(content) : emptyRecord();
  if (state) putState(record, isOwn, code, state);
  else dropStates(record, isOwn);
  return record.elements.length === 0 ? Buffer.alloc(0) : encodeVisitor(record);
}

/** Whether a shard's watermark has gone back. */
function areBehind(watermarks: Watermarks, before: Watermarks): boolean {
  return [...before].some(([shard, mark]) => {
    const watermark = watermarks.get(shard);
    return watermark === undefined || compareSequence(watermark, mark) < 0;
  });
}
