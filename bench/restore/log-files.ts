import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareSequence, type SequenceNumber } from '../../shared/contract/sequence-number.ts';
import { createDynamoDBClient } from '../../shared/stores/aws-clients.ts';
import { createCheckpoints } from '../../shared/stores/dynamodb/checkpoints.ts';
import { createFolder } from '../../shared/stores/log/folder.ts';
import { surveyLog } from '../../shared/stores/log/survey.ts';

export interface LogContent {
  files: number;
  rows: number;
  bytes: number;
  /** Rows of different events. */
  events: number;
  /** What is wrong with files or chains. */
  faults: string[];
  /** Where each shard's files end. */
  ends: Map<string, SequenceNumber>;
}

/** What all files hold, read as anybody would who knows nothing of chains. */
export async function readLog(data: string): Promise<LogContent> {
  const content: LogContent = { files: 0, rows: 0, bytes: 0, events: 0, faults: [], ends: new Map() };
  const events = new Set<string>();
  for await (const { shard, bytes, faults, file } of surveyLog(createFolder(join(data, 'log')))) {
    content.files += 1;
    content.bytes += bytes;
    content.faults.push(...faults);
    if (!file) continue;
    content.ends.set(shard, file.header.to);
    if (file.header.lost) content.faults.push(`${shard}: a file says that something is lost`);
    for await (const page of file.pages()) {
      content.rows += page.length;
      for (const { event } of page) {
        const { namespace, experiment, variant, event: name, uuid } = event;
        events.add(JSON.stringify([namespace, experiment, variant, name, uuid]));
      }
    }
  }
  return { ...content, events: events.size };
}

/** Whether the files hold everything that a running system has counted. */
export async function isLevel(data: string): Promise<boolean> {
  const settings = JSON.parse(readFileSync(join(data, 'system.json'), 'utf8')) as Record<string, string>;
  const dynamodb = createDynamoDBClient(settings.DYNAMODB_ENDPOINT ?? '');
  try {
    const checkpoints = await createCheckpoints(dynamodb, settings.STATE_TABLE ?? '').readAll(
      settings.STREAM_NAME ?? '',
    );
    const { ends } = await readLog(data);
    return [...checkpoints].every(([shard, { sequence }]) => {
      const end = ends.get(shard);
      return end !== undefined && compareSequence(end, sequence) >= 0;
    });
  } finally {
    dynamodb.destroy();
  }
}
