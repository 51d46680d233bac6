import { DynamoDBClient, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { expect, jest, test } from '@jest/globals';
import { createClaims } from '../../../shared/claims.ts';

test('claims that are throttled decide nothing: neither what is claimed nor what is looked up', async () => {
  const throttled = new ProvisionedThroughputExceededException({ message: 'too much', $metadata: {} });
  const client = new DynamoDBClient({});
  client.middlewareStack.add(() => () => Promise.reject(throttled), { step: 'initialize' });
  const onFailure = jest.fn();
  const claims = createClaims(client, { claimsTable: 'claims', claimWindowMs: 1_000, retentionMs: 1_000 }, onFailure);
  const ids = [1, 2].map((byte) => new Uint8Array(16).fill(byte));

  expect(await claims.claim(ids.map((id) => ({ id, owner: 'stream/shard/1#0', at: 0 })))).toEqual(['unsettled', 'unsettled']);
  expect(await claims.readOwners(ids)).toEqual([undefined, undefined]);
  expect(onFailure).toHaveBeenCalledWith(throttled);
});
