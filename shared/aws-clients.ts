import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** An endpoint on this machine: it takes any credentials, and speaks HTTP/1.1. */
function localSettings(endpoint: string) {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

/** @param endpoint empty for AWS' own */
export function createKinesisClient(endpoint: string, settings: KinesisClientConfig = {}): KinesisClient {
  const requestHandler = new NodeHttpHandler({ connectionTimeout: 1_000, requestTimeout: 5_000 });
  return new KinesisClient({ ...(endpoint !== '' && { ...localSettings(endpoint), requestHandler }), ...settings });
}

/** @param endpoint empty for AWS' own */
export function createDynamoDBClient(endpoint: string): DynamoDBClient {
  return new DynamoDBClient({
    ...(endpoint !== '' && localSettings(endpoint)),
    requestHandler: new NodeHttpHandler({
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      httpAgent: { maxSockets: DYNAMODB_SOCKETS, keepAlive: true },
      httpsAgent: { maxSockets: DYNAMODB_SOCKETS, keepAlive: true },
    }),
  });
}

/** As many requests to DynamoDB are under way at once, at most. */
export const DYNAMODB_SOCKETS = 64;
