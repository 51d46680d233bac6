import { createServer, type AddressInfo } from 'node:net';
import { DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { ListShardsCommand } from '@aws-sdk/client-kinesis';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createDynamoDBClient, createKinesisClient, overIpv6 } from '../../shared/stores/aws-clients.ts';

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

describe('over IPv6', () => {
  const settings = {
    region: 'eu-central-1',
    credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
    maxAttempts: 1,
  };

  test('Kinesis is asked for at its dual-stack name', async () => {
    const kinesis = createKinesisClient('', { ...overIpv6(), ...settings });
    const asked: unknown[] = [];
    kinesis.middlewareStack.add(
      () =>
        ({ request }) => {
          asked.push((request as { hostname: string }).hostname);
          return Promise.reject(new Error('not sent'));
        },
      { step: 'build' },
    );
    await expect(kinesis.send(new ListShardsCommand({ StreamName: 'any' }))).rejects.toThrow('not sent');
    kinesis.destroy();
    expect(asked).toEqual(['kinesis.eu-central-1.api.aws']);
  });

  test('names are looked up for no other addresses', async () => {
    const kinesis = createKinesisClient('', {
      ...overIpv6(),
      ...settings,
      useDualstackEndpoint: false,
      endpoint: 'https://127.0.0.1:9',
    });
    await expect(kinesis.send(new ListShardsCommand({ StreamName: 'any' }))).rejects.toThrow('ECONNREFUSED');
    const { httpsAgent } = (kinesis.config.requestHandler as NodeHttpHandler).httpHandlerConfigs();
    kinesis.destroy();
    expect(httpsAgent).toMatchObject({ options: { family: 6 } });
  });
});
