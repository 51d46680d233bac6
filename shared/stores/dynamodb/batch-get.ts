import { BatchGetItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { inRounds, type Pause } from '../../runtime/in-rounds.ts';

type Item = Record<string, AttributeValue>;

const KEYS_PER_CALL = 100;

/**
 * Reads many items of one table, strongly consistently, in no order; keys without an item are left out.
 * @param pause between attempts at what a throttled table leaves unprocessed
 * @throws Error where DynamoDB keeps leaving keys unprocessed: an answer with holes would look like absence
 */
export async function batchGet(
  client: DynamoDBClient,
  table: string,
  keys: readonly Item[],
  pause?: Pause,
): Promise<Item[]> {
  const items: Item[] = [];
  for (let first = 0; first < keys.length; first += KEYS_PER_CALL) {
    const unprocessed = await inRounds(
      keys.slice(first, first + KEYS_PER_CALL),
      async (pending) => {
        const { Responses, UnprocessedKeys } = await client.send(
          new BatchGetItemCommand({ RequestItems: { [table]: { Keys: [...pending], ConsistentRead: true } } }),
        );
        items.push(...(Responses?.[table] ?? []));
        return UnprocessedKeys?.[table]?.Keys ?? [];
      },
      pause,
    );
    if (unprocessed.length > 0) throw new Error(`${table}: ${unprocessed.length} keys stayed unprocessed`);
  }
  return items;
}
