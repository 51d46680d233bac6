import type { ApplyResult, Counters, Move } from '../counters.ts';
import {
  createDictionary,
  digestCode,
  EXPERIMENT_CODE_BYTES,
  NAME_CODE_BYTES,
  type Code,
  type CodeOf,
  type Dictionary,
} from './codes.ts';
import { decodeVisitor, experimentsIn, type Visitor } from './visitor-record.ts';
import type { ReadRecord, RecordUpdate, VisitorRecords } from './visitor-records.ts';
import { addReached, addUp, type AddedUp } from '../add-up.ts';
import type { CountableEvent } from '../decode.ts';
import { experimentsOf, fold, type ExperimentDeltas, type Folded, type IsLiving } from './fold.ts';
import type { Deletions } from '../ports.ts';
import { keysOfUpdate, MAX_KEYS } from './slices.ts';
import { experimentName, FIRST_INCARNATION, parseExperimentId } from '../../contract/experiment-id.ts';

/**
 * Counts the events of one slice that are ours, in stream order, and moves the shard's watermark.
 * @param canBeCut whether the answer may be `too large`: nothing has changed then
 */
export type CountEvents = (
  move: Move,
  events: readonly CountableEvent[],
  canBeCut?: boolean,
) => Promise<ApplyResult | 'too large'>;

export interface CountEventsDeps {
  counters: Pick<Counters, 'apply'> & VisitorRecords;
  deletions: Pick<Deletions, 'read'>;
  memory?: CodeMemory;
  foldVisits?: typeof fold;
  /** Told of visits that did not count for their visitor, whose record has no more room. */
  onLeftOut?: (visits: number) => void;
  /** Told of goals that name no experiment, and whose visitors have been exposed in none. */
  onUnreached?: (goals: number) => void;
}

/**
 * What a process remembers of dictionaries: only a hint, since Redis may have been rolled back. Every apply compares the
 * entries that it relies on.
 */
export interface CodeMemory {
  dictionaries: Map<string, Dictionary>;
  codeOf: CodeOf;
}

export function createCodeMemory(codeOf: CodeOf = digestCode): CodeMemory {
  return { dictionaries: new Map(), codeOf };
}

/** Somebody else has changed a record or a dictionary so often: the shard's position is read again then. */
const ATTEMPTS = 10;
/** Beyond so many, a process forgets what it remembers. */
const REMEMBERED = 5_000;

/**
 * Reads the records of the slice's visitors, folds the events into them, and writes both only if everything that was
 * read is still what it was. Where it is not, that is repeated; claims that are settled stay settled.
 */
export function createCountEvents({
  counters,
  deletions,
  memory = createCodeMemory(),
  foldVisits = fold,
  onLeftOut = () => undefined,
  onUnreached = () => undefined,
}: CountEventsDeps): CountEvents {
  return async (move, events, canBeCut = false) => {
    const added = addUp(events);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { update, folded } = await prepare(move.generation, added);
      if (canBeCut && keysOfUpdate(update) > MAX_KEYS) return 'too large';
      const result = await counters.apply(move, update);
      if (result === 'applied') tell(added, folded);
      if (result !== 'changed') return result;
      for (const of of folded.used.keys()) forget(move.generation, of);
    }
    return 'conflict';
  };

  function tell({ goals }: AddedUp, { leftOut, reached }: Folded): void {
    if (leftOut > 0) onLeftOut(leftOut);
    const unreached = goals.size - new Set(reached.map(({ visit }) => visit)).size;
    if (unreached > 0) onUnreached(unreached);
  }

  async function prepare(generation: string, added: AddedUp) {
    const visitors = [...added.visitors];
    const read =
      visitors.length === 0
        ? []
        : await counters.readVisitors(
            generation,
            visitors.map(([, visitor]) => visitor),
          );
    const folded = await foldKnown(generation, contentsOf(visitors, read), added);
    const records = visitors.map(([key, visitor], index): RecordUpdate => {
      const content = folded.records.get(key);
      return { visitor, read: read[index], ...(content && { content }) };
    });
    const sums = new Map(
      [...addReached(added, folded.reached)].map(([id, experiment]) => [
        id,
        { ...experiment, ...(folded.deltas.get(id) ?? NO_DELTAS) },
      ]),
    );
    return { folded, update: { sums, records, codes: folded.used } };
  }

  /** With dictionaries that know every code in the records. */
  async function foldKnown(
    generation: string,
    contents: ReadonlyMap<string, Uint8Array>,
    added: AddedUp,
  ): Promise<Folded> {
    const { visits } = added;
    const reachable = await findReachable(generation, contents, added);
    const isLiving = await readLiving(reachable);
    const dictionaries = new Map<string, Dictionary>();
    const dictionaryOf = (of: string) => dictionaries.get(of) ?? createKnown(of, new Map());
    const needed = new Set([
      ...visits.flatMap(({ namespace, experiment }) => [experimentsOf(namespace), experiment ?? []].flat()),
      ...reachable,
    ]);
    await open(generation, [...needed], dictionaries);
    const folded = foldVisits(contents, visits, dictionaryOf, isLiving);
    if (folded.unknown.size === 0) return folded;

    // Somebody else has given codes since: they were written with the records, so they can be read now.
    for (const of of needed) forget(generation, of);
    await open(generation, [...needed], dictionaries);
    const again = foldVisits(contents, visits, dictionaryOf, isLiving);
    const lost = [...again.unknown].find((of) => isExperiment(of));
    if (lost === undefined) return again;
    throw lostNames(generation, lost);
  }

  /** Where goals that name no experiment may count: what their visitors' records hold, or come to hold in this slice. */
  async function findReachable(
    generation: string,
    contents: ReadonlyMap<string, Uint8Array>,
    { visits, goals }: AddedUp,
  ): Promise<string[]> {
    if (goals.size === 0) return [];
    const namespaces = new Map([...goals.keys()].map(({ visitor, namespace }) => [visitor, namespace]));
    const codes = new Map<string, Set<Code>>();
    for (const [visitor, namespace] of namespaces) {
      const content = contents.get(visitor);
      const all = experimentsOf(namespace);
      const found = content === undefined ? [] : experimentsIn(decodeVisitor(content));
      codes.set(all, new Set([...(codes.get(all) ?? []), ...found]));
    }
    const stored = await readNames(generation, codes);
    const ahead = visits.flatMap(({ visitor, experiment }) => (namespaces.has(visitor) ? (experiment ?? []) : []));
    return [...new Set([...stored, ...ahead])];
  }

  /** The experiments that codes stand for, all of which have been written with records. */
  async function readNames(generation: string, codes: ReadonlyMap<string, ReadonlySet<Code>>): Promise<string[]> {
    const dictionaries = new Map<string, Dictionary>();
    await open(generation, [...codes.keys()], dictionaries);
    const lacks = () =>
      [...codes].filter(([of, found]) => [...found].some((code) => dictionaries.get(of)?.nameOf(code) === undefined));
    const unread = lacks().map(([of]) => of);
    for (const of of unread) forget(generation, of);
    await open(generation, unread, dictionaries);
    const [lost] = lacks();
    if (lost) throw lostNames(generation, lost[0]);
    return [...codes].flatMap(([of, found]) => [...found].flatMap((code) => dictionaries.get(of)?.nameOf(code) ?? []));
  }

  /** The marks are read after the batch has arrived: a goal counts in no experiment that was deleted before it. */
  async function readLiving(experiments: readonly string[]): Promise<IsLiving> {
    const named = experiments.flatMap((id) => {
      const ref = parseExperimentId(id);
      return ref ? [{ id, incarnation: ref.incarnation, name: experimentName(ref.namespace, ref.experiment) }] : [];
    });
    const names = [...new Set(named.map(({ name }) => name))];
    const marks = names.length === 0 ? new Map<string, never>() : await deletions.read(names);
    const beginnings = new Map(
      named.map(({ id, incarnation, name }) => {
        const { number, since } = marks.get(name) ?? FIRST_INCARNATION;
        return [id, incarnation === number ? since : Infinity];
      }),
    );
    return (experiment, at) => at >= (beginnings.get(experiment) ?? Infinity);
  }

  /** Puts dictionaries where a fold finds them, whatever else happens to the memory meanwhile. */
  async function open(generation: string, needed: readonly string[], opened: Map<string, Dictionary>): Promise<void> {
    if (memory.dictionaries.size > REMEMBERED) memory.dictionaries.clear();
    const unread = needed.filter((of) => !memory.dictionaries.has(nameIn(generation, of)));
    const entries = unread.length === 0 ? [] : await counters.readCodes(generation, unread);
    unread.forEach((of, index) => {
      memory.dictionaries.set(nameIn(generation, of), createKnown(of, entries[index] ?? new Map()));
    });
    for (const of of needed) {
      const dictionary = memory.dictionaries.get(nameIn(generation, of));
      if (dictionary) opened.set(of, dictionary);
    }
  }

  function createKnown(of: string, entries: ReadonlyMap<Code, string>): Dictionary {
    return createDictionary(entries, isExperiment(of) ? NAME_CODE_BYTES : EXPERIMENT_CODE_BYTES, memory.codeOf);
  }

  function forget(generation: string, of: string): void {
    memory.dictionaries.delete(nameIn(generation, of));
  }
}

const NO_DELTAS: ExperimentDeltas = { moments: new Map(), segmentMoments: new Map() };

function contentsOf(visitors: readonly (readonly [string, Visitor])[], read: readonly ReadRecord[]) {
  const contents = new Map<string, Uint8Array>();
  visitors.forEach(([key], index) => {
    const record = read[index];
    if (record) contents.set(key, record.content);
  });
  return contents;
}

/** Namespaces' dictionaries have no incarnation in their names. */
function isExperiment(of: string): boolean {
  return of.includes('@');
}

function lostNames(generation: string, of: string): Error {
  return new Error(
    `${generation} has lost names of ${of} that visitors' records stand for: count the stream again (mem replay)`,
  );
}

function nameIn(generation: string, of: string): string {
  return `${generation} ${of}`;
}
