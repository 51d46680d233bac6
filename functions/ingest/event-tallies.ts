import { PutRecordsCommand, type KinesisClient } from '@aws-sdk/client-kinesis';
import type { NotesUpdate } from '../../shared/stores/dynamodb/ingest-notes/updates.ts';
import { createLeanCall, prepareRequest, type LeanCall } from '../../shared/stores/lean-call.ts';

const PARTITION = 'throttle';

/** Nobody asks for a tally after its window: it goes as soon as it can. */
const KEPT_SECONDS = 3_600;

/** Whoever sends events waits for it, if it takes longer than the stream. */
const PATIENCE_MS = 1_000;

interface TallyAnswer {
  Attributes?: { events?: { N?: string } };
}

/** Changes one item of the state table. @throws AwsError where a condition does not hold, too */
export type UpdateState = (update: NotesUpdate) => Promise<unknown>;

/**
 * @param createClient made anew for this, and only when it is needed: it signs for DynamoDB from then on
 * @param endpoint of DynamoDB; empty for AWS' own
 */
export function createUpdateState(createClient: () => KinesisClient, endpoint: string, TableName: string): UpdateState {
  let call: LeanCall | undefined;
  return (update) => {
    call ??= createUpdateItem(createClient(), endpoint);
    return call(JSON.stringify({ TableName, ...update }), PATIENCE_MS);
  };
}

/**
 * Tallies of events that all instances of a function add to, each of one window of time.
 * @returns adds to a tally, and resolves to what it holds then
 */
export function createEventTallies(update: UpdateState) {
  return async (name: string, events: number, windowEnds: number): Promise<number> => {
    const { Attributes } = (await update({
      Key: { pk: { S: PARTITION }, sk: { S: `${windowEnds} ${name}` } },
      UpdateExpression: 'ADD #events :events SET #expiresAt = :expiresAt',
      ExpressionAttributeNames: { '#events': 'events', '#expiresAt': 'expiresAt' },
      ExpressionAttributeValues: {
        ':events': { N: `${events}` },
        ':expiresAt': { N: `${Math.ceil(windowEnds / 1_000) + KEPT_SECONDS}` },
      },
      ReturnValues: 'UPDATED_NEW',
    })) as TallyAnswer;
    return Number(Attributes?.events?.N ?? 0);
  };
}

/**
 * The function that takes events in has a client for Kinesis and nothing else: a second one, of DynamoDB, made its
 * bundle a third larger and a cold start 40 ms longer. Region, credentials, sockets and the form of a request are
 * the same for both.
 */
function createUpdateItem(client: KinesisClient, endpoint: string): LeanCall {
  const { config } = client;
  const { requestHandler, streamCollector, region } = config;
  const signer = async () =>
    config.signer({ name: 'sigv4', signingName: 'dynamodb', signingRegion: await region(), properties: {} });
  return createLeanCall({ requestHandler, streamCollector, signer, systemClockOffset: 0 }, async () => {
    const sample = new PutRecordsCommand({ StreamName: 'any', Records: [] });
    const request = await prepareRequest(sample, () => client.send(sample, {}));
    const { protocol, hostname, port } = endpoint === '' ? request : new URL(endpoint);
    const host = hostname.replace(/^kinesis\b/, 'dynamodb');
    const headers = {
      ...request.headers,
      host: port ? `${host}:${port}` : host,
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'DynamoDB_20120810.UpdateItem',
    };
    return { ...request, protocol, hostname: host, ...(port && { port: Number(port) }), headers };
  });
}
