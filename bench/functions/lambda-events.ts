import type { APIGatewayProxyEventV2, Context, KinesisStreamEvent } from 'aws-lambda';
import { gatewayEvent, type HttpRequest as FullRequest } from '../../tests/support/aws/gateway.ts';

/** A GET where nothing else is said. */
export type HttpRequest = Partial<FullRequest> & Pick<FullRequest, 'path'>;

/** What an HTTP API hands to a function. */
export function httpEvent(request: HttpRequest): APIGatewayProxyEventV2 {
  return gatewayEvent({ method: 'GET', ...request });
}

/** What the event source mapping hands to a function. */
export function streamEvent(
  shardId: string,
  records: readonly { sequence: string; data: Uint8Array }[],
): KinesisStreamEvent {
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
