import { Agent } from 'node:https';
import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { KinesisClient, type KinesisClientConfig } from '@aws-sdk/client-kinesis';
import { NodeHttpHandler } from '@smithy/node-http-handler';

/** As many requests to DynamoDB are under way at once, at most. */
export const DYNAMODB_SOCKETS = 64;

/** Without `throwOnRequestTimeout` a request that is not answered would only be complained about, and waited for. */
export const TIMEOUTS = { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/** Saves a fifth of the CPU of a request. Middleware must be added before a client's first one. */
const COMMON = { cacheMiddleware: true };

/** An endpoint on this machine takes any credentials. */
function localSettings(endpoint: string) {
  return { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
}

/**
 * For a network without NAT, whose only way out is IPv6. Kinesis has addresses of both kinds under its dual-stack name:
 * the other kind would be tried as well, and waited for. DynamoDB keeps its IPv4 name, since a gateway endpoint leads there.
 */
export function overIpv6(): KinesisClientConfig {
  const httpsAgent = new Agent({ family: 6, keepAlive: true });
  return { useDualstackEndpoint: true, requestHandler: new NodeHttpHandler({ ...TIMEOUTS, httpsAgent }) };
}

/**
 * Speaks HTTP/1.1 everywhere: the servers of this machine know nothing else, and an HTTP/2 session that a frozen
 * Lambda environment has lost is found out only by a request that waits.
 * @param endpoint empty for AWS' own
 */
export function createKinesisClient(endpoint: string, settings: KinesisClientConfig = {}): KinesisClient {
  return new KinesisClient({
    ...COMMON,
    ...(endpoint !== '' && localSettings(endpoint)),
    requestHandler: new NodeHttpHandler({ ...TIMEOUTS }),
    ...settings,
  });
}

/** @param endpoint empty for AWS' own */
export function createDynamoDBClient(endpoint: string, settings: DynamoDBClientConfig = {}): DynamoDBClient {
  const agent = { maxSockets: DYNAMODB_SOCKETS, keepAlive: true };
  return new DynamoDBClient({
    ...COMMON,
    ...(endpoint !== '' && localSettings(endpoint)),
    requestHandler: new NodeHttpHandler({ ...TIMEOUTS, httpAgent: agent, httpsAgent: agent }),
    ...settings,
  });
}
