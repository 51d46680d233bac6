import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from '@jest/globals';
import { createKinesisClient } from '../../../shared/stores/aws-clients.ts';
import { createPutRecords } from '../../../shared/stores/kinesis/put.ts';

const records = ['a', 'b'].map((partitionKey) => ({ partitionKey, data: new Uint8Array() }));

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** Puts two records into a stream that answers so. */
async function put(answer: object) {
  server = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/x-amz-json-1.1').end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createKinesisClient(`http://127.0.0.1:${port}`, { maxAttempts: 1 });
  return createPutRecords(client, 'events')(records, Date.now() + 10_000);
}

test('an answer with a number for every record acknowledges all of them', async () => {
  const Records = [{ SequenceNumber: '1' }, { SequenceNumber: '2' }];
  expect(await put({ FailedRecordCount: 0, Records })).toEqual([]);
});

test.each([
  ['one', [{ SequenceNumber: '1' }], [records[1]]],
  ['all', [], records],
])('an answer without %s of the records acknowledges no more than it holds', async (_, Records, left) => {
  expect(await put({ FailedRecordCount: 0, Records })).toEqual(left);
});
