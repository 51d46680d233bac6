import { createServer, type AddressInfo } from 'node:net';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { ListShardsCommand } from '@aws-sdk/client-kinesis';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDynamoDBClient, createKinesisClient } from '../../shared/aws-clients.ts';

describe('a server that takes requests and never answers', () => {
  const silent = createServer((socket) => socket.on('error', () => undefined));
  let endpoint: string;
  beforeAll(async () => {
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    endpoint = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    silent.close();
  });

  test('is given up by both clients, not waited for', async () => {
    const kinesis = createKinesisClient(endpoint, { maxAttempts: 1 });
    const dynamodb = createDynamoDBClient(endpoint, { maxAttempts: 1 });
    const outcomes = await Promise.allSettled([
      kinesis.send(new ListShardsCommand({ StreamName: 'any' })),
      dynamodb.send(new DescribeTableCommand({ TableName: 'any' })),
    ]);
    kinesis.destroy();
    dynamodb.destroy();
    expect(outcomes).toEqual([
      { status: 'rejected', reason: expect.objectContaining({ name: 'TimeoutError' }) },
      { status: 'rejected', reason: expect.objectContaining({ name: 'TimeoutError' }) },
    ]);
  });
});
