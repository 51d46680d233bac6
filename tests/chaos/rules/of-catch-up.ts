import { incarnationOf } from '../laws/oracle.ts';
import { claimId } from '../../../shared/counting/decode.ts';
import type { Incarnation } from '../../../shared/contract/experiment-id.ts';
import { InvalidRecord } from '../../../shared/runtime/errors.ts';
import { decodeRecord, type EventBundle } from '../../../shared/counting/stream-record.ts';
import type { StoredRecord } from '../../../shared/counting/ports.ts';
import type { Rule } from './rules.ts';
import { CLAIMS_TABLE } from '../world/tables.ts';
import type { SimStores, World } from '../world/world.ts';
import { withoutConsistency } from './commands.ts';

const ROLLING = { rollBack: 6, snapshot: 10, accident: 8 };

/** Everything about how lost counters come back. */
export const catchUpRules: readonly Rule[] = [
  {
    name: 'catching up counts an event only if its claim is its own',
    shownBy: { weather: ROLLING, seed: 1 },
    breakIt: () => ({
      stores: (stores, { world }) =>
        withOwnEvents(stores, world, (places) => Promise.resolve(places.map(({ owner }) => owner))),
    }),
  },
  {
    name: 'catching up makes no claims',
    shownBy: { weather: ROLLING, seed: 1 },
    harmless:
      'at or below a checkpoint every claim has been decided, so that claiming again only finds what is there: ' +
      'it costs writes, and changes nothing',
    breakIt: () => ({
      stores: (stores, { world }) =>
        withOwnEvents(stores, world, async (places) => {
          const owners: (string | undefined)[] = [];
          for (const place of places) {
            const [outcome] = await stores.claims.claim([place]); // copies have one id: never two in a request
            owners.push(outcome === 'owned' ? place.owner : outcome === 'duplicate' ? '' : undefined);
          }
          return owners;
        }),
    }),
  },
  {
    name: 'catching up reads claims strongly consistently',
    shownBy: { weather: ROLLING, seed: 1 },
    breakIt: () => ({
      command: (command, role) => (role === 'consumer' ? command : withoutConsistency(command, CLAIMS_TABLE)),
    }),
  },
  {
    name: 'a claim that could not be read is not one that is missing',
    shownBy: { scenario: 'the heal of an empty Redis', mischief: 'throw before' },
    breakIt: () => ({
      stores: (stores) =>
        withReadOwners(stores, async (ids) => (await stores.claims.readOwners(ids)).map((owner) => owner ?? '')),
    }),
  },
  {
    name: 'deletion marks are read for each batch, not cached',
    shownBy: { weather: { delete: 3 }, seed: 1 },
    breakIt: () => {
      const cached = new Map<string, Incarnation | undefined>();
      return {
        stores: (stores) => ({
          ...stores,
          deletions: {
            ...stores.deletions,
            async read(names) {
              const found = await stores.deletions.read(names);
              for (const name of names) if (!cached.has(name)) cached.set(name, found.get(name));
              return new Map([...cached].flatMap(([name, mark]) => (mark ? [[name, mark]] : [])));
            },
          },
        }),
      };
    },
  },
];

function withReadOwners(stores: SimStores, readOwners: SimStores['claims']['readOwners']): SimStores {
  return { ...stores, claims: { ...stores.claims, readOwners } };
}

interface Place {
  id: Uint8Array;
  owner: string;
  at: number;
}

/** Answers who owns events from the places at which the reader has just found them, in the order of reading. */
function withOwnEvents(
  stores: SimStores,
  world: World,
  answer: (places: Place[]) => Promise<(string | undefined)[]>,
): SimStores {
  const found = new Map<string, Place[]>();
  const keyOf = (id: Uint8Array) => Buffer.from(id).toString('hex');
  return {
    ...withReadOwners(stores, (ids) =>
      answer(ids.map((id) => found.get(keyOf(id))?.shift() ?? { id, owner: '', at: 0 })),
    ),
    reader: {
      async *read(shardId, after) {
        found.clear();
        for await (const page of stores.reader.read(shardId, after)) {
          for (const place of page.records.flatMap((record) =>
            placesOf(record, `${stores.stream}/${shardId}`, world),
          )) {
            found.set(keyOf(place.id), [...(found.get(keyOf(place.id)) ?? []), place]);
          }
          yield page;
        }
      },
    },
  };
}

function placesOf({ sequence, data }: StoredRecord, shard: string, { tables }: World): Place[] {
  const { at, events } = decodeOrNothing(data);
  return events.flatMap((event, index) => {
    const { number, since } = incarnationOf(event, tables);
    return at < since ? [] : [{ id: claimId(event, number), owner: `${shard}/${sequence}#${index}`, at }];
  });
}

function decodeOrNothing(data: Uint8Array): EventBundle {
  try {
    return decodeRecord(data);
  } catch (error) {
    if (error instanceof InvalidRecord) return { at: 0, events: [] };
    throw error;
  }
}
