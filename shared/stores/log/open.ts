import { NO_EVENT_LOG, type EventLog } from '../../counting/log/event-log.ts';
import type { Objects } from './objects.ts';

const BUCKET = /^s3:\/\/([a-z0-9.-]+)$/;

/**
 * Loads what it needs only then: most processes never read the log, and start the faster.
 * @param place `s3://bucket`, or a folder; empty for none
 */
export async function openEventLog(place: string): Promise<EventLog> {
  if (place === '') return NO_EVENT_LOG;
  const { createEventLog } = await import('./event-log.ts');
  return createEventLog(await openObjects(place));
}

export async function openObjects(place: string): Promise<Objects> {
  const bucket = BUCKET.exec(place)?.[1];
  if (bucket === undefined) return (await import('./folder.ts')).createFolder(place);
  const [{ createS3Client }, { createBucket }] = await Promise.all([import('./s3-client.ts'), import('./bucket.ts')]);
  return createBucket(createS3Client(), bucket);
}
