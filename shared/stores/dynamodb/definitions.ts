import type { Definitions, StoredDefinition } from '../../counting/ports.ts';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { salvageDefinition, type Fault } from '../../contract/check-definition.ts';
import type { Definition } from '../../contract/definition.ts';
import type { Pause } from '../../runtime/in-rounds.ts';
import { batchGet } from './batch-get.ts';
import { experimentName } from '../../contract/experiment-id.ts';
import { queryPartition } from './query-partition.ts';
import { experimentKey } from './state-key.ts';

const PARTITION = 'definition';

/** Definitions in the state table, as JSON text: what an older version wrote is checked when it is read. */
export function createDefinitions(
  client: DynamoDBClient,
  stateTable: string,
  now: () => number,
  pause?: Pause,
): Definitions {
  const keyOf = (namespace: string, experiment: string) =>
    experimentKey(PARTITION, experimentName(namespace, experiment));

  return {
    async read(namespace, experiment) {
      const Key = keyOf(namespace, experiment);
      const { Item } = await client.send(new GetItemCommand({ TableName: stateTable, Key, ConsistentRead: true }));
      return Item && toStored(Item);
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

    async write(namespace, experiment, definition, replaced) {
      const writtenAt = now();
      const Item = {
        ...keyOf(namespace, experiment),
        namespace: { S: namespace },
        experiment: { S: experiment },
        definition: { S: JSON.stringify(definition) },
        writtenAt: { N: `${writtenAt}` },
      };
      try {
        await client.send(new PutItemCommand({ TableName: stateTable, Item, ...conditionOf(replaced) }));
        return writtenAt;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return undefined;
        throw error;
      }
    },

    async remove(namespace, experiment) {
      await client.send(new DeleteItemCommand({ TableName: stateTable, Key: keyOf(namespace, experiment) }));
    },
  };
}

function conditionOf(replaced: number | null | undefined) {
  if (replaced === undefined) return {};
  if (replaced === null) return { ConditionExpression: 'attribute_not_exists(pk)' };
  return {
    ConditionExpression: 'writtenAt = :replaced',
    ExpressionAttributeValues: { ':replaced': { N: `${replaced}` } },
  };
}

function toStored({ namespace, experiment, definition, writtenAt }: Record<string, AttributeValue>): StoredDefinition {
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
