import type { APIGatewayProxyEventV2, Context, KinesisStreamEvent } from 'aws-lambda';

export interface HttpRequest {
  method?: string;
  path: string;
  /** As it stands in the URL, without the '?'. */
  query?: string;
  headers?: Record<string, string>;
  body?: string;
}

/** What an HTTP API hands to a function (payload format 2.0). */
export function httpEvent({ method = 'GET', path, query = '', headers = {}, body }: HttpRequest): APIGatewayProxyEventV2 {
  return {
    version: '2.0',
    routeKey: `${method} ${path}`,
    rawPath: path,
    rawQueryString: query,
    headers,
    requestContext: {
      accountId: '000000000000',
      apiId: 'local',
      domainName: '127.0.0.1',
      domainPrefix: 'local',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'bench' },
      requestId: 'request',
      routeKey: `${method} ${path}`,
      stage: '$default',
      time: '20/Nov/2026:12:00:00 +0000',
      timeEpoch: 1_795_176_000_000,
    },
    isBase64Encoded: false,
    ...(body !== undefined && { body }),
  };
}

/** What the event source mapping hands to a function. */
export function streamEvent(shardId: string, records: readonly { sequence: string; data: Uint8Array }[]): KinesisStreamEvent {
  return {
    Records: records.map(({ sequence, data }) => ({
      awsRegion: 'us-east-1',
      eventID: `${shardId}:${sequence}`,
      eventName: 'aws:kinesis:record',
      eventSource: 'aws:kinesis',
      eventSourceARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/bench',
      eventVersion: '1.0',
      invokeIdentityArn: 'arn:aws:iam::000000000000:role/bench',
      kinesis: {
        approximateArrivalTimestamp: 0,
        data: Buffer.from(data).toString('base64'),
        kinesisSchemaVersion: '1.0',
        partitionKey: 'key',
        sequenceNumber: sequence,
      },
    })),
  };
}

/** Of a Lambda's context our functions ask for the time alone. */
export const context = { getRemainingTimeInMillis: () => 30_000 } as Context;
