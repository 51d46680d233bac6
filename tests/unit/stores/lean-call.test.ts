import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BatchExecuteStatementCommand } from '@aws-sdk/client-dynamodb';
import { PutRecordsCommand, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createDynamoDBClient, createKinesisClient } from '../../../shared/stores/aws-clients.ts';
import { createLeanCall, prepareRequest } from '../../../shared/stores/lean-call.ts';

interface Seen {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: string;
}

type Answer = (response: ServerResponse, request: Seen) => void;

const ok: Answer = (response) => response.end('{"FailedRecordCount":0,"Records":[]}');

let server: Server | undefined;

/** A service that keeps what it is sent, and answers each request with the next of these, the last one for ever. */
async function aService(...answers: Answer[]): Promise<{ endpoint: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      const one = { method, path, headers, body: Buffer.concat(chunks).toString() };
      seen.push(one);
      (answers[Math.min(seen.length, answers.length) - 1] ?? ok)(response, one);
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${port}`, seen };
}

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

const input = { StreamName: 's', Records: [{ PartitionKey: 'k', Data: Buffer.from('data') }] };
const body = JSON.stringify({ Records: [{ Data: 'ZGF0YQ==', PartitionKey: 'k' }], StreamName: 's' });
const session = { accessKeyId: 'AKIA', secretAccessKey: 'secret', sessionToken: 'a-session' };

function aCall(endpoint: string, settings: KinesisClientConfig = {}) {
  const client = createKinesisClient(endpoint, { maxAttempts: 1, ...settings });
  const prepare = () => {
    const sample = new PutRecordsCommand(input);
    return prepareRequest(sample, () => client.send(sample, {}));
  };
  return { client, call: createLeanCall(client.config, prepare) };
}

describe('a lean call', () => {
  test('sends what the SDK sends, but for the number that the SDK gives to each of its attempts', async () => {
    const { endpoint, seen } = await aService(ok);
    const { client, call } = aCall(endpoint, { credentials: session });
    await client.send(new PutRecordsCommand(input));
    await call(body);
    const [theirs, ours] = seen.map(({ method, path, headers, body: sent }) => {
      const { 'amz-sdk-invocation-id': _id, 'amz-sdk-request': _attempt, ...rest } = headers;
      const { authorization: _signature, 'x-amz-date': _date, ...same } = rest;
      return { method, path, headers: same, body: sent };
    });
    expect(ours).toEqual(theirs);
    expect(ours?.headers['x-amz-security-token']).toBe('a-session');
  });

  test("a statement's request is DynamoDB's, likewise", async () => {
    const { endpoint, seen } = await aService((response) => response.end('{"Responses":[]}'));
    const client = createDynamoDBClient(endpoint, { maxAttempts: 1 });
    const statements = { Statements: [{ Statement: 'INSERT', Parameters: [{ S: 'a' }] }] };
    const call = createLeanCall(client.config, () => {
      const sample = new BatchExecuteStatementCommand(statements);
      return prepareRequest(sample, () => client.send(sample, {}));
    });
    await client.send(new BatchExecuteStatementCommand(statements));
    expect(await call(JSON.stringify(statements))).toEqual({ Responses: [] });
    const [theirs, ours] = seen;
    expect(ours?.body).toBe(theirs?.body);
    expect(ours?.headers['x-amz-target']).toBe(theirs?.headers['x-amz-target']);
    expect(ours?.headers['content-type']).toBe(theirs?.headers['content-type']);
  });

  test('is signed as AWS documents Signature Version 4', async () => {
    const { endpoint, seen } = await aService(ok);
    await aCall(endpoint, { credentials: session }).call(body);
    const [request] = seen;
    expect(request?.headers.authorization).toBe(request && signatureOf(request, 'secret', 'us-east-1', 'kinesis'));
  });

  test('takes new credentials where the old ones have ended', async () => {
    let given = 0;
    const { endpoint, seen } = await aService(ok);
    const { call } = aCall(endpoint, {
      credentials: () => {
        given += 1;
        return Promise.resolve({ ...session, accessKeyId: `KEY${given}`, expiration: new Date(Date.now() + 1_000) });
      },
    });
    await call(body);
    await call(body);
    const keys = seen.map(({ headers }) => /Credential=(KEY\d+)/.exec(headers.authorization ?? '')?.[1]);
    expect(new Set(keys).size).toBe(2);
  });

  test('is signed once more by the clock of the service where ours is wrong', async () => {
    const ahead = Date.now() + 3_600_000;
    const tooSkewed: Answer = (response) => {
      response.writeHead(400, { date: new Date(ahead).toUTCString() });
      response.end('{"__type":"InvalidSignatureException","message":"Signature expired"}');
    };
    const inTime: Answer = (response) => {
      response.writeHead(200, { date: new Date(ahead).toUTCString() });
      response.end('{}');
    };
    const { endpoint, seen } = await aService(tooSkewed, inTime);
    const { call } = aCall(endpoint);
    await call(body);
    await call(body);
    const hours = seen.map(({ headers }) => Math.round((dateOf(headers['x-amz-date']) - Date.now()) / 3_600_000) + 0);
    expect(hours).toEqual([0, 1, 1]);
  });

  test.each([
    ['throttling', 400, '{"__type":"com.amazon.coral#ThrottlingException","message":"slow"}', 'ThrottlingException'],
    ['a fault of the service', 500, '{"__type":"InternalFailure"}', 'InternalFailure'],
    ["a proxy's page", 502, '<html>bad gateway</html>', 'Http502'],
  ])('%s is an error with its code as name', async (_, status, text, name) => {
    const { endpoint } = await aService((response) => response.writeHead(status).end(text));
    await expect(aCall(endpoint).call(body)).rejects.toMatchObject({ name, status });
  });

  test.each<[string, Answer]>([
    ['a connection that is reset', (response) => response.destroy()],
    [
      'half an answer',
      (response) => {
        response.writeHead(200, { 'content-length': 100 });
        response.write('{"Failed', () => response.destroy());
      },
    ],
    ['an answer that is no JSON', (response) => response.end('{"FailedRecordCount":')],
  ])('%s is an error, and the next call gets through', async (_, answer) => {
    const { endpoint } = await aService(answer, ok);
    const { call } = aCall(endpoint);
    await expect(call(body)).rejects.toThrow();
    expect(await call(body)).toEqual({ FailedRecordCount: 0, Records: [] });
  });

  test('gives up a service that does not answer', async () => {
    const { endpoint } = await aService(() => undefined);
    await expect(aCall(endpoint).call(body, 50)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('asks again for a region that could not be told at first', async () => {
    const { endpoint } = await aService(ok);
    let asked = 0;
    const region = () => {
      asked += 1;
      return asked === 1 ? Promise.reject(new Error('no region')) : Promise.resolve('eu-west-1');
    };
    const { call } = aCall(endpoint, { region });
    await expect(call(body)).rejects.toThrow('no region');
    expect(await call(body)).toEqual({ FailedRecordCount: 0, Records: [] });
  });
});

/** 20261126T101112Z, in ms */
function dateOf(basic: string | string[] | undefined): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(basic)) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html */
function signatureOf({ method, path, headers, body: sent }: Seen, secret: string, region: string, service: string) {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const authorization = headers.authorization ?? '';
  const names = /SignedHeaders=([^,]+)/.exec(authorization)?.[1] ?? '';
  const lines = names.split(';').map((name) => `${name}:${String(headers[name]).trim()}\n`);
  const canonical = [method, path, '', lines.join(''), names, sha256(sent)].join('\n');
  const date = String(headers['x-amz-date']);
  const scope = `${date.slice(0, 8)}/${region}/${service}/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', date, scope, sha256(canonical)].join('\n');
  const key = [region, service, 'aws4_request'].reduce<Buffer>(hmac, hmac(`AWS4${secret}`, date.slice(0, 8)));
  const signature = hmac(key, toSign).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=AKIA/${scope}, SignedHeaders=${names}, Signature=${signature}`;
}
