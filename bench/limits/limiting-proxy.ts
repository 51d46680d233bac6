import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { ShardLimits, type Refusal } from './shard-limits.ts';

export interface LimitingProxy {
  endpoint: string;
  /** How often it said no, by what it said. */
  refusals: Partial<Record<Refusal | 'UnprocessedKeys', number>>;
  close: () => void;
}

/** So many keys of a BatchGetItem are answered, as if the rest did not fit into 16 MB. */
const KEYS_ANSWERED = 60;

type Json = Record<string, unknown>;

/** Stands before a local server of Kinesis or DynamoDB, and allows no more than AWS does. */
export async function startLimitingProxy(target: string): Promise<LimitingProxy> {
  const limits = new ShardLimits();
  const refusals: LimitingProxy['refusals'] = {};
  const refused = (what: keyof LimitingProxy['refusals']) => (refusals[what] = (refusals[what] ?? 0) + 1);

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch(() => outgoing.destroy());
  });

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
    const body = JSON.parse((await buffer(incoming)).toString() || '{}') as Json;
    const refusal = operation === 'GetRecords' ? limits.refusalOf(String(body.ShardIterator)) : undefined;
    if (refusal) {
      refused(refusal);
      send(outgoing, 400, { __type: refusal, message: 'as AWS would say at its limits' });
      return;
    }
    const { asked, left } = operation === 'BatchGetItem' ? cutKeys(body) : { asked: body, left: undefined };
    const { status, answered } = await ask(target, incoming, asked);
    const result = JSON.parse(answered) as Json;
    if (left) {
      refused('UnprocessedKeys');
      result.UnprocessedKeys = left;
    }
    note(operation, body, result, answered.length);
    send(outgoing, status, result);
  }

  /** Learns of which shard an iterator is, and how much of it was read. */
  function note(operation: string, body: Json, result: Json, bytes: number): void {
    if (operation === 'GetShardIterator') limits.given(String(result.ShardIterator), String(body.ShardId));
    if (operation !== 'GetRecords') return;
    const shard = limits.shardOf(String(body.ShardIterator));
    if (shard === undefined) return;
    limits.gave(shard, bytes);
    if (typeof result.NextShardIterator === 'string') limits.given(result.NextShardIterator, shard);
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refusals,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function send(outgoing: ServerResponse, status: number, body: Json): void {
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  outgoing.end(JSON.stringify(body));
}

/** The keys that are answered, and those that are handed back. */
function cutKeys(body: Json): { asked: Json; left: Json | undefined } {
  const [[table, keys] = []] = Object.entries(body.RequestItems as Record<string, { Keys: unknown[] }>);
  if (table === undefined || keys === undefined || keys.Keys.length <= KEYS_ANSWERED) {
    return { asked: body, left: undefined };
  }
  const part = (Keys: unknown[]) => ({ [table]: { ...keys, Keys } });
  return {
    asked: { ...body, RequestItems: part(keys.Keys.slice(0, KEYS_ANSWERED)) },
    left: part(keys.Keys.slice(KEYS_ANSWERED)),
  };
}

function ask(
  target: string,
  { method, url, headers }: IncomingMessage,
  body: Json,
): Promise<{ status: number; answered: string }> {
  const text = Buffer.from(JSON.stringify(body));
  return new Promise((resolve, reject) => {
    const onward = request(
      new URL(url ?? '/', target),
      { method, headers: { ...headers, 'content-length': text.byteLength } },
      (answered) => {
        buffer(answered).then(
          (bytes) => {
            resolve({ status: answered.statusCode ?? 500, answered: bytes.toString() });
          },
          (error: unknown) => {
            reject(error instanceof Error ? error : new Error(String(error)));
          },
        );
      },
    );
    onward.on('error', reject);
    onward.end(text);
  });
}
