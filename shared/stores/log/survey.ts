import { UnusableLogFile } from '../../counting/log/event-log.ts';
import { compareSequence } from '../../contract/sequence-number.ts';
import { openEventFile, type EventFile } from './event-file.ts';
import { EVENTS } from './event-log.ts';
import type { Objects } from './objects.ts';

/** A file of the log, whether or not it can be used. */
export interface SurveyedFile {
  /** `stream/shard` */
  shard: string;
  key: string;
  bytes: number;
  /** What is wrong with it, or with what should be before it, as a sentence. */
  faults: string[];
  /** Undefined for one that cannot be used. */
  file?: EventFile;
}

const NAME = /^(.+)\/(start|\d+)\.parquet$/;

/** Reads every file of the log, shard by shard, in the order of each shard's chain. One is in memory at a time. */
export async function* surveyLog(objects: Objects): AsyncGenerator<SurveyedFile> {
  const found = [...(await objects.list(EVENTS))].flatMap(([key, bytes]) => {
    const [, shard, from = ''] = NAME.exec(key.slice(EVENTS.length)) ?? [];
    return shard === undefined ? [] : [{ key, bytes, shard, from: from === 'start' ? undefined : from }];
  });
  found.sort((a, b) => a.shard.localeCompare(b.shard) || compareFrom(a.from, b.from));
  let before: { shard: string; to: string | undefined } | undefined;
  for (const { key, bytes, shard, from } of found) {
    const faults = missingBefore(key, from, before?.shard === shard ? before : undefined);
    const file = openOrFault(await objects.get(key), `${objects.name}/${key}`);
    if ('fault' in file) faults.push(file.fault);
    before = { shard, to: 'fault' in file ? undefined : file.header.to };
    yield { shard, key, bytes, faults, ...(!('fault' in file) && { file }) };
  }
}

/** @param before the shard's file before this one: the end of one that cannot be used is unknown */
function missingBefore(
  key: string,
  from: string | undefined,
  before: { to: string | undefined } | undefined,
): string[] {
  if (!before) return from === undefined ? [] : [`${key}: the shard's first file is missing before it`];
  if (before.to === undefined || before.to === from) return [];
  return [`${key}: a file that begins after ${before.to} is missing before it`];
}

function openOrFault(bytes: Uint8Array | undefined, name: string): EventFile | { fault: string } {
  if (!bytes) return { fault: `${name} was removed meanwhile` };
  try {
    return openEventFile(bytes, name);
  } catch (error) {
    if (error instanceof UnusableLogFile) return { fault: error.message };
    throw error;
  }
}

function compareFrom(one: string | undefined, other: string | undefined): number {
  if (one === undefined || other === undefined) return one === other ? 0 : one === undefined ? -1 : 1;
  return compareSequence(one, other);
}
