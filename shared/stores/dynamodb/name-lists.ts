import { type NameLists, EMPTY_LIST } from '../../counting/ports.ts';
import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { pauseApart, type Pause } from '../../runtime/in-rounds.ts';
import { batchGet } from './batch-get.ts';
import { MEMBER_BYTES, type Member } from '../../counting/limits/names.ts';

const PARTITION = 'names';
const LOST_RACE_MS = 20;

export function createNameLists(client: DynamoDBClient, stateTable: string, pause: Pause = pauseApart): NameLists {
  const keyOf = (key: string) => ({ pk: { S: PARTITION }, sk: { S: key } });

  return {
    async read(keys) {
      const items = await batchGet(client, stateTable, keys.map(keyOf), pause);
      const found = new Map(
        items.map(({ sk, members, version }) => [
          sk?.S ?? '',
          { members: new Set(unpack(members?.B)), version: Number(version?.N ?? 0) },
        ]),
      );
      return new Map(keys.map((key) => [key, found.get(key) ?? EMPTY_LIST]));
    },

    async write(key, members, version) {
      const packed = Buffer.from([...members].join(''), 'latin1');
      try {
        await client.send(
          new PutItemCommand({
            TableName: stateTable,
            Item: {
              ...keyOf(key),
              version: { N: `${version + 1}` },
              ...(packed.length > 0 && { members: { B: packed } }),
            },
            ConditionExpression: version === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
            ...(version > 0 && {
              ExpressionAttributeNames: { '#version': 'version' },
              ExpressionAttributeValues: { ':version': { N: `${version}` } },
            }),
          }),
        );
        return true;
      } catch (error) {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
        await pause(LOST_RACE_MS); // else those that race for a list would do so in step
        return false;
      }
    },

    async remove(key) {
      await client.send(new DeleteItemCommand({ TableName: stateTable, Key: keyOf(key) }));
    },
  };
}

function unpack(packed: Uint8Array = new Uint8Array()): Member[] {
  const text = Buffer.from(packed).toString('latin1');
  return Array.from({ length: text.length / MEMBER_BYTES }, (_, index) =>
    text.slice(index * MEMBER_BYTES, (index + 1) * MEMBER_BYTES),
  );
}
