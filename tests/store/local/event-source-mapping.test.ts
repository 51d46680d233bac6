import { PutRecordCommand } from '@aws-sdk/client-kinesis';
import type { KinesisStreamEvent } from 'aws-lambda';
import { expect, test } from '@jest/globals';
import { startEventSourceMapping } from '../../../local/event-source-mapping.ts';
import { createWorld } from '../../support/counting/world.ts';
import { waitUntil } from '../../support/wait-until.ts';

/** Of a stream of the same name that has been deleted since. */
const FOREIGN = '49680586748193921755900386722796422508121460848044539906';

test('a position that the stream does not know begins at its oldest record', async () => {
  const world = await createWorld();
  const [delivered, warnings]: [string[], string[]] = [[], []];
  const mapping = startEventSourceMapping({
    kinesis: world.kinesis,
    streamName: world.stream,
    settings: { batchSize: 50, batchWindowSeconds: 0 },
    positions: { of: () => FOREIGN, advance: () => undefined, finish: () => undefined, isDone: () => false },
    invoke: ({ Records }: KinesisStreamEvent) => {
      delivered.push(...Records.map(({ kinesis }) => kinesis.partitionKey));
      return Promise.resolve({ batchItemFailures: [] });
    },
    warn: (line) => warnings.push(line),
  });
  await world.kinesis.send(
    new PutRecordCommand({ StreamName: world.stream, PartitionKey: 'one', Data: Buffer.from('{}') }),
  );
  await waitUntil('the record is delivered', () => Promise.resolve(delivered.length > 0));
  await mapping.stop();
  await world.close();
  expect({ delivered, warnings }).toEqual({ delivered: ['one'], warnings: [] });
});
