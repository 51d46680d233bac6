import { BatchGetItemCommand, type AttributeValue, type DynamoDBClient } from '@aws-sdk/client-dynamodb';

type Item = Record<string, AttributeValue>;

const KEYS_PER_CALL = 100;
const CALLS_FOR_UNPROCESSED = 5;

/**
 * Reads many items of one table, strongly consistently, in no order; keys without an item are left out.
 * @throws Error where DynamoDB keeps leaving keys unprocessed: an answer with holes would look like absence
 */
export async function batchGet(client: DynamoDBClient, table: string, keys: readonly Item[]): Promise<Item[]> {
  const items: Item[] = [];
  for (let first = 0; first < keys.length; first += KEYS_PER_CALL) {
    let pending: Item[] = keys.slice(first, first + KEYS_PER_CALL);
    for (let call = 0; pending.length > 0; call += 1) {
      if (call === CALLS_FOR_UNPROCESSED) throw new Error(`${table}: ${pending.length} keys stayed unprocessed`);
      const { Responses, UnprocessedKeys } = await client.send(
        new BatchGetItemCommand({ RequestItems: { [table]: { Keys: pending, ConsistentRead: true } } }),
      );
      items.push(...(Responses?.[table] ?? []));
      pending = UnprocessedKeys?.[table]?.Keys ?? [];
    }
  }
  return items;
}
