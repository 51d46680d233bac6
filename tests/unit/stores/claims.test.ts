import { DynamoDBClient, ProvisionedThroughputExceededException } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { createClaims } from '../../../shared/stores/dynamodb/claims.ts';
import type { Claims } from '../../../shared/counting/ports.ts';

const KEYS = 250;
const ids = Array.from({ length: KEYS }, (_, i) => new Uint8Array(16).fill(i));
const requests = ids.map((id) => ({ id, owner: 'stream/shard/1#0', at: 0 }));
const onFailure = jest.fn();
const pause = jest.fn<(ms: number) => Promise<void>>(() => Promise.resolve());

/** A table of claims that are all ours, and that takes so many requests between two pauses. */
function claimsThatTake(most: number): { claims: Claims; sent: () => number } {
  let [taken, sent] = [0, 0];
  const client = new DynamoDBClient({});
  client.middlewareStack.add(
    () =>
      ({ input }) => {
        if (taken === most) {
          return Promise.reject(new ProvisionedThroughputExceededException({ message: 'too much', $metadata: {} }));
        }
        taken += 1;
        sent += 1;
        return Promise.resolve({ output: answerTo(input as Input), response: undefined });
      },
    { step: 'initialize' },
  );
  pause.mockImplementation(() => {
    taken = 0;
    return Promise.resolve();
  });
  const config = { claimsTable: 'claims', claimWindowMs: 1_000, retentionMs: 1_000 };
  return { claims: createClaims(client, config, onFailure, pause), sent: () => sent };
}

type Keys = { id: { B: Uint8Array } }[];
type Input = Partial<{ RequestItems: { claims: { Keys: Keys } } }>;

/** Of a page, only the first keys are answered, as DynamoDB does where some are throttled. */
function answerTo({ RequestItems }: Input) {
  const keys = RequestItems?.claims.Keys ?? [];
  const answered = keys.slice(0, 30).map((key) => ({ ...key, owner: { S: 'me' } }));
  return { $metadata: {}, Responses: { claims: answered }, UnprocessedKeys: { claims: { Keys: keys.slice(30) } } };
}

beforeEach(() => {
  onFailure.mockClear();
});

describe('claims that are throttled', () => {
  test('are made as far as the table takes them, each once, until all are', async () => {
    const { claims, sent } = claimsThatTake(40);
    expect(await claims.claim(requests)).toEqual(requests.map(() => 'owned'));
    expect(sent()).toBe(KEYS);
    expect(onFailure).not.toHaveBeenCalled();
  });

  test('are looked up as far as the table takes it, until all are', async () => {
    const { claims } = claimsThatTake(1);
    expect(await claims.readOwners(ids)).toEqual(ids.map(() => 'me'));
    expect(onFailure).not.toHaveBeenCalled();
  });

  test('decide nothing where the table takes none at all, and say so once', async () => {
    const { claims } = claimsThatTake(0);
    expect(await claims.claim(requests)).toEqual(requests.map(() => 'unsettled'));
    expect(onFailure).toHaveBeenCalledTimes(1);
    expect(await claims.readOwners(ids)).toEqual(ids.map(() => undefined));
    expect(onFailure).toHaveBeenCalledTimes(2);
    const waits = pause.mock.calls.map(([ms]) => ms);
    expect(waits.slice(-6)).toEqual([50, 100, 200, 400, 800, 1_600]);
  });
});
