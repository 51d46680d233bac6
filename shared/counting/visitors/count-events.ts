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
import type { Visitor } from './visitor-record.ts';
import type { ReadRecord, RecordUpdate, VisitorRecords } from './visitor-records.ts';
import { addUp, type AddedUp } from '../add-up.ts';
import type { CountableEvent } from '../decode.ts';
import { experimentsOf, fold, type ExperimentDeltas, type Folded } from './fold.ts';

/** Counts the events of one slice that are ours, in stream order, and moves the shard's watermark. */
export type CountEvents = (move: Move, events: readonly CountableEvent[]) => Promise<ApplyResult>;

export interface CountEventsDeps {
  counters: Pick<Counters, 'apply'> & VisitorRecords;
  memory?: CodeMemory;
  foldVisits?: typeof fold;
  /** Told of visits that did not count for their visitor, whose record has no more room. */
  onLeftOut?: (visits: number) => void;
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
  memory = createCodeMemory(),
  foldVisits = fold,
  onLeftOut = () => undefined,
}: CountEventsDeps): CountEvents {
  return async (move, events) => {
    const added = addUp(events);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const { update, folded } = await prepare(move.generation, added);
      const result = await counters.apply(move, update);
      if (result === 'applied' && folded.leftOut > 0) onLeftOut(folded.leftOut);
      if (result !== 'changed') return result;
      for (const of of folded.used.keys()) forget(move.generation, of);
    }
    return 'conflict';
  };

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
      [...added.sums].map(([id, experiment]) => [id, { ...experiment, ...(folded.deltas.get(id) ?? NO_DELTAS) }]),
    );
    return { folded, update: { sums, records, codes: folded.used } };
  }

  /** With dictionaries that know every code in the records. */
  async function foldKnown(
    generation: string,
    contents: ReadonlyMap<string, Uint8Array>,
    { visits }: AddedUp,
  ): Promise<Folded> {
    const dictionaries = new Map<string, Dictionary>();
    const dictionaryOf = (of: string) => dictionaries.get(of) ?? createKnown(of, new Map());
    const needed = new Set(visits.flatMap(({ namespace, experiment }) => [experimentsOf(namespace), experiment]));
    await open(generation, [...needed], dictionaries);
    const folded = foldVisits(contents, visits, dictionaryOf);
    if (folded.unknown.size === 0) return folded;

    // Somebody else has given codes since: they were written with the records, so they can be read now.
    for (const of of needed) forget(generation, of);
    await open(generation, [...needed], dictionaries);
    const again = foldVisits(contents, visits, dictionaryOf);
    const lost = [...again.unknown].find((of) => isExperiment(of));
    if (lost === undefined) return again;
    throw new Error(
      `${generation} has lost names of ${lost} that visitors' records stand for: count the stream again (mem replay)`,
    );
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

function nameIn(generation: string, of: string): string {
  return `${generation} ${of}`;
}
