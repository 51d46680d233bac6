import { DeleteItemCommand, GetItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  NOTHING_NOTICED,
  type IngestNotes,
  type LeftOutCount,
  type LeftOutReason,
} from '../../../contract/report/ingest-notes.ts';
import type { Pause } from '../../../runtime/in-rounds.ts';
import { batchGet } from '../batch-get.ts';
import { notesKey, WEEK_MS } from './updates.ts';

type Item = Record<string, AttributeValue>;

export interface IngestNotesStore {
  /** @returns nothing noticed where there is nothing */
  read: (namespace: string, experiment: string) => Promise<IngestNotes>;
  /** @returns by the experiment's name, those of which something was noticed */
  readMany: (namespace: string, experiments: readonly string[]) => Promise<Map<string, IngestNotes>>;
  remove: (namespace: string, experiment: string) => Promise<void>;
}

/**
 * One item for each experiment, of bounded size: at most three controls, and what was left out by reason in this week and
 * in the one before.
 * @param now ms since 1970
 */
export function createIngestNotes(
  client: DynamoDBClient,
  TableName: string,
  now: () => number,
  pause?: Pause,
): IngestNotesStore {
  return {
    async read(namespace, experiment) {
      const { Item } = await client.send(new GetItemCommand({ TableName, Key: notesKey(namespace, experiment) }));
      return Item ? toNotes(Item, now()) : NOTHING_NOTICED;
    },

    async readMany(namespace, experiments) {
      const keys = experiments.map((experiment) => notesKey(namespace, experiment));
      const items = await batchGet(client, TableName, keys, pause);
      return new Map(items.map((item) => [item.experiment?.S ?? '', toNotes(item, now())]));
    },

    async remove(namespace, experiment) {
      await client.send(new DeleteItemCommand({ TableName, Key: notesKey(namespace, experiment) }));
    },
  };
}

function toNotes({ controls, week, counts, weekBefore, before }: Item, now: number): IngestNotes {
  const oldest = Math.floor(now / WEEK_MS) - 1;
  const recent = [
    { week: Number(week?.N ?? 0), counts: counts?.M ?? {} },
    { week: Number(weekBefore?.N ?? 0), counts: before?.M ?? {} },
  ].filter((one) => one.week >= oldest);
  const sums = new Map<LeftOutReason, number>();
  for (const { counts: ofWeek } of recent) {
    for (const [reason, { N }] of Object.entries(ofWeek)) {
      sums.set(reason as LeftOutReason, (sums.get(reason as LeftOutReason) ?? 0) + Number(N));
    }
  }
  const leftOut: LeftOutCount[] = [...sums].map(([reason, events]) => ({ reason, events }));
  return {
    controls: [...(controls?.SS ?? [])].sort(),
    leftOut: leftOut.sort((a, b) => b.events - a.events),
    since: recent.length === 0 ? undefined : Math.min(...recent.map((one) => one.week)) * WEEK_MS,
  };
}
