import type { Definitions, StoredDefinition } from '../../counting/ports.ts';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { salvageDefinition } from '../../contract/check-definition.ts';
import { appendChange, changesBetween } from '../../contract/definition-changes.ts';
import type { Definition, DefinitionChange, Fault } from '../../contract/definition.ts';
import type { Pause } from '../../runtime/in-rounds.ts';
import { batchGet } from './batch-get.ts';
import { experimentName } from '../../contract/experiment-id.ts';
import { queryPartition } from './query-partition.ts';
import { experimentKey } from './state-key.ts';

const PARTITION = 'definition';

/** Two who write at once: one of them is first, and the other makes the log with both. */
const ATTEMPTS = 5;

type Item = Record<string, AttributeValue>;

/** Definitions in the state table, as JSON text: what an older version wrote is checked when it is read. */
export function createDefinitions(
  client: DynamoDBClient,
  stateTable: string,
  now: () => number,
  pause?: Pause,
): Definitions {
  const keyOf = (namespace: string, experiment: string) =>
    experimentKey(PARTITION, experimentName(namespace, experiment));

  async function readItem(namespace: string, experiment: string): Promise<Item | undefined> {
    const Key = keyOf(namespace, experiment);
    const { Item } = await client.send(new GetItemCommand({ TableName: stateTable, Key, ConsistentRead: true }));
    return Item;
  }

  return {
    async read(namespace, experiment) {
      const item = await readItem(namespace, experiment);
      return item && { ...toStored(item), changes: readChanges(item) };
    },

    async readMany(experiments) {
      const keys = new Map(
        experiments.map(({ namespace, experiment }) => [
          experimentName(namespace, experiment),
          keyOf(namespace, experiment),
        ]),
      );
      const found = (await batchGet(client, stateTable, [...keys.values()], pause)).map(toStored);
      return new Map(found.map((stored) => [experimentName(stored.namespace, stored.experiment), stored]));
    },

    async readAll(namespace) {
      const items = await queryPartition(client, stateTable, PARTITION);
      return items.filter((item) => namespace === undefined || item.namespace?.S === namespace).map(toStored);
    },

    async write(namespace, experiment, definition, replaced, by = 'somebody') {
      for (let attempt = 1; ; attempt += 1) {
        const before = await readItem(namespace, experiment);
        const last = before ? Number(before.writtenAt?.N ?? 0) : null;
        if (replaced !== undefined && replaced !== last) return undefined;

        const writtenAt = Math.max(now(), (last ?? 0) + 1);
        const changed = changesBetween(before && readText(before.definition?.S ?? '').definition, definition);
        const change = { at: new Date(writtenAt).toISOString(), by, changed };
        const Item = {
          ...keyOf(namespace, experiment),
          namespace: { S: namespace },
          experiment: { S: experiment },
          definition: { S: JSON.stringify(definition) },
          writtenAt: { N: `${writtenAt}` },
          changes: { S: JSON.stringify(appendChange(readChanges(before), change)) },
        };
        try {
          await client.send(new PutItemCommand({ TableName: stateTable, Item, ...conditionOf(last) }));
          return writtenAt;
        } catch (error) {
          // Somebody else has come between. Who replaces whatever is there does so with what is there now.
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          if (replaced !== undefined || attempt === ATTEMPTS) return undefined;
        }
      }
    },

    async remove(namespace, experiment) {
      await client.send(new DeleteItemCommand({ TableName: stateTable, Key: keyOf(namespace, experiment) }));
    },
  };
}

function conditionOf(replaced: number | null) {
  if (replaced === null) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: 'writtenAt = :replaced',
    ExpressionAttributeValues: { ':replaced': { N: `${replaced}` } },
  };
}

function toStored({ namespace, experiment, definition, writtenAt }: Item): StoredDefinition {
  return {
    namespace: namespace?.S ?? '',
    experiment: experiment?.S ?? '',
    writtenAt: Number(writtenAt?.N ?? 0),
    ...readText(definition?.S ?? ''),
  };
}

function readText(text: string): { definition: Definition | undefined; faults: Fault[] } {
  try {
    return salvageDefinition(JSON.parse(text));
  } catch {
    return { definition: undefined, faults: [{ path: '', message: 'expected JSON' }] };
  }
}

/** None where an older version has written the definition, which keeps no log. */
function readChanges(item: Item | undefined): DefinitionChange[] {
  try {
    return JSON.parse(item?.changes?.S ?? '[]') as DefinitionChange[];
  } catch {
    return [];
  }
}
