import type { ArchivePosition } from '../../../shared/counting/log/archive.ts';
import type { StreamEvent } from '../../../shared/contract/event.ts';
import type { EventLog, LogPage } from '../../../shared/counting/log/event-log.ts';
import { encodeEventFile } from '../../../shared/stores/log/event-file.ts';
import type { Checkpoint } from '../../../shared/counting/ports.ts';
import { CLAIMS_TABLE } from '../world/tables.ts';
import type { Role, SimStores, World } from '../world/world.ts';
import { withoutConsistency } from './commands.ts';
import type { Rule } from './rules.ts';

const LAST = '9'.repeat(56);

/** Everything about the files of the event log: how they are written, and how counters come back from them. */
export const logRules: readonly Rule[] = [
  {
    name: 'the first writer of a file wins',
    shownBy: { weather: 'log', seed: 5 },
    keepsCounters: true,
    breakIt: () => ({
      stores: (stores, { world, gate }) =>
        withLog(stores, {
          append: (header, events) =>
            gate('objects.put', () => {
              const key = `events/v1/${header.shard}/${header.from ?? 'start'}.parquet`;
              world.objects?.contents.set(key, encodeEventFile(header, events));
              return Promise.resolve('written');
            }),
        }),
    }),
  },
  {
    name: 'who comes second goes on from where the first file ends',
    shownBy: { weather: 'log', seed: 37 },
    keepsCounters: true,
    breakIt: () => ({
      stores: (stores) =>
        withLog(stores, {
          async append(header, events) {
            await stores.log.append(header, events);
            return 'written';
          },
        }),
    }),
  },
  {
    name: 'the archiver reads no further than the checkpoint',
    shownBy: { weather: 'log', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ stores: inRole('archiver', (stores) => withCheckpointsAt(stores, { sequence: LAST })) }),
  },
  {
    name: 'the archiver reads claims strongly consistently',
    shownBy: { weather: 'log', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({
      command: (command, role) => (role === 'archiver' ? withoutConsistency(command, CLAIMS_TABLE) : command),
    }),
  },
  {
    name: 'a claim that the archiver could not read is not one that is missing',
    shownBy: { weather: 'log', seed: 45 },
    keepsCounters: true,
    breakIt: () => ({
      stores: inRole('archiver', (stores) => ({
        ...stores,
        claims: {
          ...stores.claims,
          readOwners: async (ids) => (await stores.claims.readOwners(ids)).map((owner) => owner ?? ''),
        },
      })),
    }),
  },
  {
    name: 'the archiver leaves out what was deleted before it came',
    shownBy: { weather: 'log', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ stores: inRole('archiver', withoutDeletions) }),
  },
  {
    name: 'rows of what was deleted after they were written do not count',
    shownBy: { weather: 'log', seed: 1 },
    breakIt: () => ({ stores: inRole('heal', withoutDeletions) }),
  },
  {
    name: 'a record that has left the stream proves no loss where nothing came after it',
    shownBy: { weather: 'log', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ stores: (stores) => withPositions(stores, ({ nothingAfter, ...position }) => position) }),
  },
  {
    name: 'what left the stream before it was in a file is said to be lost',
    shownBy: { weather: 'log', seed: 28 },
    keepsCounters: true,
    breakIt: () => ({
      stores: (stores) => withPositions(stores, (position) => ({ ...position, nothingAfter: Infinity })),
    }),
  },
  {
    name: 'a chain that begins after counting did says so',
    shownBy: { weather: 'log', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ stores: inRole('archiver', (stores) => withCheckpointsAt(stores, { first: LAST })) }),
  },
  {
    name: 'catching up reads the log before the stream',
    shownBy: { weather: 'log', seed: 1 },
    breakIt: () => ({
      stores: inRole('heal', (stores) =>
        withLog(stores, {
          async *read() {
            // as if there were no files
          },
        }),
      ),
    }),
  },
  {
    name: 'a file stands for all records up to its end, with or without rows',
    shownBy: { weather: 'log', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({
      stores: (stores) => withLog(stores, { read: (...range) => withoutEnds(stores.log.read(...range)) }),
    }),
  },
  {
    name: 'a visitor who is forgotten becomes the same one in every file',
    shownBy: { weather: 'log', seed: 1 },
    breakIt: () => {
      let row = 0;
      return {
        stores: (stores) => withRewriting(stores, (event) => ({ ...event, unit: `${event.unit} ${(row += 1)}` })),
      };
    },
  },
  {
    name: 'a visitor who is forgotten stays a visitor',
    shownBy: { weather: 'log', seed: 1 },
    breakIt: () => ({ stores: (stores) => withRewriting(stores, ({ unit, ...event }) => event as StreamEvent) }),
  },
  {
    name: 'rows are pruned by what was deleted, whatever came after it',
    shownBy: { weather: 'log', seed: 1 },
    keepsCounters: true,
    breakIt: () => ({
      stores: inRole('operator', (stores) => ({
        ...stores,
        deletions: {
          ...stores.deletions,
          readAll: async () =>
            new Map(
              [...(await stores.deletions.readAll())].map(([name, mark]) => [
                name,
                { ...mark, number: mark.number + 1 },
              ]),
            ),
        },
      })),
    }),
  },
  {
    name: 'the log remembers from which shards one came that has left the stream',
    shownBy: { weather: 'log', seed: 344 },
    breakIt: () => ({
      stores: (stores, { world }) => ({ ...stores, lineage: world.stream.lineage }),
    }),
  },
];

type Change = NonNullable<ReturnType<Rule['breakIt']>['stores']>;

function inRole(role: Role, change: (stores: SimStores, world: World) => SimStores): Change {
  return (stores, { role: own, world }) => (own === role ? change(stores, world) : stores);
}

function withLog(stores: SimStores, changed: Partial<EventLog>): SimStores {
  return { ...stores, log: { ...stores.log, ...changed } };
}

/** @param after what becomes of an event that a change has changed */
function withRewriting(stores: SimStores, after: (event: StreamEvent) => StreamEvent): SimStores {
  return withLog(stores, {
    rewrite: (change) =>
      stores.log.rewrite((row) => {
        const changed = change(row);
        return changed && changed !== row ? { ...changed, event: after(changed.event) } : changed;
      }),
  });
}

function withPositions(stores: SimStores, change: (position: ArchivePosition) => ArchivePosition): SimStores {
  return {
    ...stores,
    positions: {
      ...stores.positions,
      async read(shard) {
        const position = await stores.positions.read(shard);
        return position && change(position);
      },
    },
  };
}

function withCheckpointsAt(stores: SimStores, changed: Partial<Checkpoint>): SimStores {
  return {
    ...stores,
    checkpoints: {
      ...stores.checkpoints,
      async readAll(stream) {
        const found = await stores.checkpoints.readAll(stream);
        return new Map([...found].map(([shard, checkpoint]) => [shard, { ...checkpoint, ...changed }]));
      },
    },
  };
}

function withoutDeletions(stores: SimStores): SimStores {
  return { ...stores, deletions: { ...stores.deletions, read: () => Promise.resolve(new Map()) } };
}

async function* withoutEnds(pages: AsyncIterable<LogPage>): AsyncGenerator<LogPage> {
  for await (const page of pages) yield { ...page, through: page.events.at(-1)?.sequence ?? page.through };
}
