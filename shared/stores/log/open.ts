import { NO_EVENT_LOG, type EventLog } from '../../counting/log/event-log.ts';
import { createS3Client } from '../aws-clients.ts';
import { createBucket } from './bucket.ts';
import { createEventLog } from './event-log.ts';
import { createFolder } from './folder.ts';
import type { Objects } from './objects.ts';

const BUCKET = /^s3:\/\/([a-z0-9.-]+)$/;

/** @param place `s3://bucket`, or a folder; empty for none */
export function openEventLog(place: string): EventLog {
  return place === '' ? NO_EVENT_LOG : createEventLog(openObjects(place));
}

export function openObjects(place: string): Objects {
  const bucket = BUCKET.exec(place)?.[1];
  return bucket === undefined ? createFolder(place) : createBucket(createS3Client(), bucket);
}
