import type { Deletions, ExperimentName } from '../../counting/ports.ts';
import type { Incarnation } from '../../contract/experiment-id.ts';
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import type { Pause } from '../../runtime/in-rounds.ts';
import { batchGet } from './batch-get.ts';
import { queryPartition } from './query-partition.ts';
import { experimentKey } from './state-key.ts';

/** The mark must be durable before its time comes, also by the fastest clock of the doors. */
const AHEAD_MS = 2_000;
const CLOCK_SKEW_MS = 500;
const ATTEMPTS = 5;

const PARTITION = 'deletion';

/** What an incarnation's end is measured by. */
export interface StoreClock {
  /** The store's time, ms since 1970, never that of whoever asks. @throws RequestError where it cannot be trusted */
  now: () => Promise<number>;
  sleep: (ms: number) => Promise<void>;
  /** Between attempts at what a throttled table leaves undone. */
  pause?: Pause;
}

const keyOf = (name: string) => experimentKey(PARTITION, name);

/** The marks of what has been deleted, to read. */
export function createDeletionMarks(
  client: DynamoDBClient,
  stateTable: string,
  pause?: Pause,
): Pick<Deletions, 'read' | 'readAll'> {
  return {
    async read(names) {
      return toMap(await batchGet(client, stateTable, names.map(keyOf), pause));
    },

    async readAll() {
      return toMap(await queryPartition(client, stateTable, PARTITION));
    },
  };
}

export function createDeletions(client: DynamoDBClient, stateTable: string, clock: StoreClock): Deletions {
  async function readOne(name: string): Promise<Incarnation> {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: stateTable, Key: keyOf(name), ConsistentRead: true }),
    );
    return toIncarnation(Item ?? {});
  }

  /** False where another deletion came first. */
  async function write(name: string, numberBefore: number, after: Incarnation): Promise<boolean> {
    try {
      await client.send(
        new UpdateItemCommand({
          TableName: stateTable,
          Key: keyOf(name),
          UpdateExpression: 'SET #name = :name, #number = :number, #since = :since',
          ConditionExpression: numberBefore === 0 ? 'attribute_not_exists(#number)' : '#number = :before',
          ExpressionAttributeNames: { '#name': 'name', '#number': 'number', '#since': 'since' },
          ExpressionAttributeValues: {
            ':name': { S: name },
            ':number': { N: `${after.number}` },
            ':since': { N: `${after.since}` },
            ...(numberBefore > 0 && { ':before': { N: `${numberBefore}` } }),
          },
        }),
      );
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  return {
    ...createDeletionMarks(client, stateTable, clock.pause),

    async delete(name) {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const before = await readOne(name);
        const after = { number: before.number + 1, since: Math.max(before.since, (await clock.now()) + AHEAD_MS) };
        const written = await write(name, before.number, after);
        const now = await clock.now();
        if (written && now + CLOCK_SKEW_MS < after.since) {
          await clock.sleep(after.since - now);
          return after;
        }
        // Another deletion came first, or the mark appeared when its time was already near, so that a batch may have
        // been counted without it: end that incarnation as well.
      }
      throw new Error(`${stateTable}: no deletion mark could be written in time for ${name}`);
    },
  };
}

function toMap(items: Record<string, AttributeValue>[]): Map<ExperimentName, Incarnation> {
  return new Map(items.map((item) => [item.name?.S ?? '', toIncarnation(item)]));
}

function toIncarnation({ number, since }: Record<string, AttributeValue>): Incarnation {
  return { number: Number(number?.N ?? 0), since: Number(since?.N ?? 0) };
}
