import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { TIMEOUTS } from '../aws-clients.ts';

/**
 * Files of megabytes take longer than a table's answer.
 * @param settings an endpoint of one's own wants `forcePathStyle`, too
 */
export function createS3Client(settings: S3ClientConfig = {}): S3Client {
  return new S3Client({ requestHandler: new NodeHttpHandler({ ...TIMEOUTS, requestTimeout: 60_000 }), ...settings });
}
