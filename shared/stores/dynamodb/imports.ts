import type { ImportSource } from '../../contract/answers.ts';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Count } from '../../counting/counters.ts';
import { EXPOSURE } from '../../contract/event.ts';
import { experimentName, type ExperimentRef } from '../../contract/experiment-id.ts';
import { queryPartition } from './query-partition.ts';
import { experimentKey } from './state-key.ts';

/** What another system had counted of an experiment: its starting point here. */
export interface ImportedCounts extends ExperimentRef {
  source: ImportSource;
  /** When it was taken over, ms since 1970. */
  at: number;
  /** Of all visitors: there are no segments, days or visitors of their own in it. */
  counts: readonly Pick<Count, 'variant' | 'event' | 'count'>[];
}

/** Of all variants. */
export function importedParticipants({ counts }: Pick<ImportedCounts, 'counts'>): number {
  return counts.reduce((sum, { event, count }) => (event === EXPOSURE ? sum + count : sum), 0);
}

/** Gimel counts with HyperLogLog, of 2^14 registers: 0.81 % standard error a counter. */
export function isApproximate({ source }: Pick<ImportedCounts, 'source'>): boolean {
  return source === 'gimel';
}

/** Imported counts are added when a report is read: a replay, a new generation or a lost Redis has no part in them. */
export interface Imports {
  /** One of a dead incarnation, too. */
  read: (namespace: string, experiment: string) => Promise<ImportedCounts | undefined>;
  /** Those of a namespace in no order, of dead incarnations too. */
  readAll: (namespace: string) => Promise<ImportedCounts[]>;
  /**
   * Puts them in the place of what was imported before, and never adds.
   * @returns false where that came from the other system and is of the same incarnation, unless `replace`
   */
  write: (imported: ImportedCounts, replace: boolean) => Promise<boolean>;
  /** Forgets what was imported into incarnations before this one. */
  removeBefore: (living: ExperimentRef) => Promise<void>;
}

/** An item of DynamoDB has at most 400 KB, and names take some of it. */
export const MOST_IMPORTED_BYTES = 350_000;

const PARTITION = 'import';

export function createImports(client: DynamoDBClient, stateTable: string): Imports {
  const keyOf = (namespace: string, experiment: string) =>
    experimentKey(PARTITION, experimentName(namespace, experiment));

  return {
    async read(namespace, experiment) {
      const Key = keyOf(namespace, experiment);
      const { Item } = await client.send(new GetItemCommand({ TableName: stateTable, Key, ConsistentRead: true }));
      return Item && toImported(Item);
    },

    async readAll(namespace) {
      const items = await queryPartition(client, stateTable, PARTITION);
      return items.filter((item) => item.namespace?.S === namespace).map(toImported);
    },

    async write(imported, replace) {
      const { namespace, experiment, incarnation, source } = imported;
      const command = new PutItemCommand({
        TableName: stateTable,
        Item: { ...keyOf(namespace, experiment), ...toItem(imported) },
        ...(!replace && {
          ConditionExpression: 'attribute_not_exists(pk) OR #source = :source OR #incarnation < :incarnation',
          ExpressionAttributeNames: { '#source': 'source', '#incarnation': 'incarnation' },
          ExpressionAttributeValues: { ':source': { S: source }, ':incarnation': { N: `${incarnation}` } },
        }),
      });
      return holds(() => client.send(command));
    },

    async removeBefore({ namespace, experiment, incarnation }) {
      const command = new DeleteItemCommand({
        TableName: stateTable,
        Key: keyOf(namespace, experiment),
        ConditionExpression: '#incarnation < :incarnation',
        ExpressionAttributeNames: { '#incarnation': 'incarnation' },
        ExpressionAttributeValues: { ':incarnation': { N: `${incarnation}` } },
      });
      await holds(() => client.send(command));
    },
  };
}

/** Whether the condition of a write held. */
async function holds(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

/** The counts as they are stored: JSON, `[[variant, event, count], …]`. */
export function encodeCounts(counts: ImportedCounts['counts']): string {
  return JSON.stringify(counts.map(({ variant, event, count }) => [variant, event, count]));
}

function toItem({
  namespace,
  experiment,
  incarnation,
  source,
  at,
  counts,
}: ImportedCounts): Record<string, AttributeValue> {
  return {
    namespace: { S: namespace },
    experiment: { S: experiment },
    incarnation: { N: `${incarnation}` },
    source: { S: source },
    at: { N: `${at}` },
    counts: { S: encodeCounts(counts) },
  };
}

function toImported({
  namespace,
  experiment,
  incarnation,
  source,
  at,
  counts,
}: Record<string, AttributeValue>): ImportedCounts {
  const stored = JSON.parse(counts?.S ?? '[]') as [string, string, number][];
  return {
    namespace: namespace?.S ?? '',
    experiment: experiment?.S ?? '',
    incarnation: Number(incarnation?.N ?? 0),
    source: source?.S === 'lamed' ? 'lamed' : 'gimel',
    at: Number(at?.N ?? 0),
    counts: stored.map(([variant, event, count]) => ({ variant, event, count })),
  };
}
