import { GetRecordsCommand, PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { expect, test } from '@jest/globals';
import { startEventSourceMapping, type MappingDeps } from '../../../local/event-source-mapping.ts';
import { createWorld, type World } from '../../support/counting/world.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** Of a stream of the same name that has been deleted since. */
const FOREIGN = '49680586748193921755900386722796422508121460848044539906';

function startMapping(world: World, settings: Partial<MappingDeps['settings']> = {}) {
  const [delivered, warnings]: [string[], string[]] = [[], []];
  const mapping = startEventSourceMapping({
    kinesis: world.kinesis,
    streamName: world.stream,
    settings: { batchSize: 50, batchWindowSeconds: 0, ...settings },
    positions: { of: () => FOREIGN, advance: () => undefined, finish: () => undefined, isDone: () => false },
    invoke: ({ Records }: KinesisStreamEvent) => {
      delivered.push(...Records.map(({ kinesis }) => kinesis.partitionKey));
      return Promise.resolve({ batchItemFailures: [] });
    },
    warn: (line) => warnings.push(line),
  });
  return { mapping, delivered, warnings };
}

const put = ({ kinesis, stream }: World, PartitionKey: string) =>
  kinesis.send(new PutRecordCommand({ StreamName: stream, PartitionKey, Data: Buffer.from('{}') }));

test('a position that the stream does not know begins at its oldest record', async () => {
  const world = await createWorld();
  const { mapping, delivered, warnings } = startMapping(world);
  await put(world, 'one');
  await waitUntil('the record is delivered', () => Promise.resolve(delivered.length > 0));
  await mapping.stop();
  await world.close();
  expect({ delivered, warnings }).toEqual({ delivered: ['one'], warnings: [] });
});

test('where nothing comes it sleeps until it is woken', async () => {
  const world = await createWorld();
  let reads = 0;
  world.kinesis.middlewareStack.add((next, { commandName }) => (args) => {
    if (commandName === GetRecordsCommand.name) reads += 1;
    return next(args);
  });
  const { mapping, delivered } = startMapping(world, { longestIdleMs: 3_600_000 });
  await waitUntil('it has read', () => Promise.resolve(reads > 0));
  await put(world, 'one');
  mapping.wake();
  await waitUntil('the record is delivered', () => Promise.resolve(delivered.length > 0));
  await mapping.stop();
  await world.close();
  expect(delivered).toEqual(['one']);
});
