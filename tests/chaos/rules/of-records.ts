import { fold, type Dictionaries } from '../../../shared/counting/visitors/fold.ts';
import type { SliceUpdate } from '../../../shared/counting/counters.ts';
import type { Counters } from '../../../shared/counting/counters.ts';
import type { Rule } from './rules.ts';

/** Everything about what an apply compares before it writes what a fold made of visitors' records. */
export const recordRules: readonly Rule[] = [
  {
    name: 'an apply compares each record that it replaces with the one that was folded',
    shownBy: { weather: 'astray', seed: 28 },
    breakIt: () =>
      withUpdate(async (counters, generation, update) => {
        const visitors = update.records.map(({ visitor }) => visitor);
        const present = visitors.length === 0 ? [] : await counters.readVisitors(generation, visitors);
        return { ...update, records: update.records.map((record, index) => ({ ...record, read: present[index] })) };
      }),
  },
  {
    name: 'an apply compares the records that stay as they are, too',
    shownBy: { weather: 'astray', seed: 1 },
    harmless:
      'what an event adds hangs on one record: where it changes nothing there, it might as well have come before what did',
    breakIt: () =>
      withUpdate((_counters, _generation, update) =>
        Promise.resolve({ ...update, records: update.records.filter(({ content }) => content !== undefined) }),
      ),
  },
  {
    name: 'an apply compares every code that it relies on',
    shownBy: { weather: { rollBack: 6, snapshot: 8, delete: 2 }, seed: 1 },
    breakIt: () =>
      withUpdate(async (counters, generation, update) => {
        const dictionaries = [...update.codes.keys()];
        const present = dictionaries.length === 0 ? [] : await counters.readCodes(generation, dictionaries);
        const codes = new Map(
          [...update.codes].map(([of, entries], index) => [
            of,
            new Map([...entries].filter(([code]) => !present[index]?.has(code))),
          ]),
        );
        return { ...update, codes };
      }),
  },
  {
    name: 'a code relies on the names that have taken those before it',
    shownBy: { weather: {}, seed: 30_138 },
    breakIt: () => ({
      fold: (records, visits, dictionaries, isLiving) => fold(records, visits, withoutTaken(dictionaries), isLiving),
    }),
  },
];

type Change = (
  counters: Pick<Counters, 'readVisitors' | 'readCodes'>,
  generation: string,
  update: SliceUpdate,
) => Promise<SliceUpdate>;

/** Changes what an apply compares, in the same step as the apply: nobody comes between. */
function withUpdate(change: Change): ReturnType<Rule['breakIt']> {
  return {
    stores: (stores, { world, gate }) => ({
      ...stores,
      counters: {
        ...stores.counters,
        apply: (move, update) =>
          gate('counters.apply', async () => {
            const { counters } = world.box;
            return counters.apply(move, await change(counters, move.generation, update));
          }),
      },
    }),
  };
}

function withoutTaken(dictionaries: Dictionaries): Dictionaries {
  return (of) => {
    const { nameOf, codeOf } = dictionaries(of);
    return {
      nameOf,
      codeOf(name, reliedOn) {
        const code = codeOf(name);
        reliedOn?.set(code, name);
        return code;
      },
    };
  };
}
