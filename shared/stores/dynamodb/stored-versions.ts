import {
  ConditionalCheckFailedException,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { VERSIONS, type Stored, type StoredVersions } from '../../contract/versions.ts';
import type { RecordFormats } from '../../counting/decode.ts';
import { decodeRecord } from '../../counting/stream-record.ts';
import type { Pause } from '../../runtime/in-rounds.ts';
import { batchGet } from './batch-get.ts';

const KEY: Record<string, AttributeValue> = { pk: { S: 'versions' }, sk: { S: 'highest' } };
const KINDS = Object.keys(VERSIONS) as Stored[];

/** The highest versions that what a stage has stored may have. */
export interface VersionsOfStage {
  /** Read strongly consistently; what nobody has noted is as this release writes it. */
  read: () => Promise<StoredVersions>;
  /** Notes what this release, or a setting of it, is going to write: before it is written. Nothing is ever lowered. */
  raise: (versions: StoredVersions) => Promise<void>;
}

export function createVersionsOfStage(client: DynamoDBClient, stateTable: string, pause?: Pause): VersionsOfStage {
  return {
    async read() {
      const [item = {}] = await batchGet(client, stateTable, [KEY], pause);
      return Object.fromEntries(KINDS.map((kind) => [kind, Number(item[kind]?.N ?? VERSIONS[kind])])) as StoredVersions;
    },
    async raise(versions) {
      for (const kind of KINDS) await raiseOne(client, stateTable, kind, versions[kind]);
    },
  };
}

async function raiseOne(client: DynamoDBClient, TableName: string, kind: Stored, version: number): Promise<void> {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName,
        Key: KEY,
        UpdateExpression: 'SET #kind = :version',
        ConditionExpression: 'attribute_not_exists(#kind) OR #kind < :version',
        ExpressionAttributeNames: { '#kind': kind },
        ExpressionAttributeValues: { ':version': { N: `${version}` } },
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error; // as high already
  }
}

/** What this release knows of stream records. It asks the table only where it meets a version that it does not know. */
export function createRecordFormats(versions: Pick<VersionsOfStage, 'read'>): RecordFormats {
  return { decode: decodeRecord, highest: async () => (await versions.read()).record };
}
