import { randomUUID } from 'node:crypto';
import {
  ConditionalCheckFailedException,
  PutItemCommand,
  UpdateItemCommand,
  type AttributeValue,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import { VERSIONS, type Stored, type StoredVersions } from '../../contract/versions.ts';
import type { RecordFormats } from '../../counting/ports.ts';
import { decodeRecord } from '../../counting/stream-record.ts';
import type { Pause } from '../../runtime/in-rounds.ts';
import { batchGet } from './batch-get.ts';

/** An installation as its state table knows it: what it owns in Redis carries its id. */
export interface Installation {
  /** Made once, and the same for as long as the state table exists. */
  id: string;
  /** For people, who can find it on AWS: the name of the state table. */
  name: string;
  /** The hash tag under which its keys lie in Redis. */
  prefix: string;
}

export interface InstallationWish {
  /** The hash tag that the configuration names; '' for the installation's own. */
  redisPrefix: string;
  stage: string;
}

type Item = Record<string, AttributeValue>;

const KEY: Item = { pk: { S: 'installation' }, sk: { S: 'redis' } };
const GENERATION_COUNTER: Item = { pk: { S: 'generation' }, sk: { S: 'counter' } };

/** Where every installation of version 0.1.0 has its keys: they cannot be renamed across hash slots. */
export const FIRST_PREFIX = '{mem}';

/** Reads who this installation is, and decides it once where nobody has. */
export async function readInstallation(
  client: DynamoDBClient,
  stateTable: string,
  wish: InstallationWish,
): Promise<Installation> {
  const found = await findInstallation(client, stateTable, wish);
  if (found.id !== '') return found;
  const { id, prefix } = await decide(client, stateTable, ownPrefix(found.hasCounted, wish.stage));
  return { ...found, id: id?.S ?? '', prefix: chosenPrefix(prefix?.S, wish) };
}

/** Reads who this installation is, without deciding it: its id is '' where nobody has. */
export async function findInstallation(
  client: DynamoDBClient,
  stateTable: string,
  wish: InstallationWish,
): Promise<Installation & { hasCounted: boolean }> {
  const [item, hasCounted] = await readItems(client, stateTable);
  const prefix = chosenPrefix(item?.prefix?.S ?? ownPrefix(hasCounted, wish.stage), wish);
  return { id: item?.id?.S ?? '', name: stateTable, prefix, hasCounted };
}

export const ownPrefix = (hasCounted: boolean, stage: string) => (hasCounted ? FIRST_PREFIX : `{mem:${stage}}`);

const chosenPrefix = (own = FIRST_PREFIX, { redisPrefix }: InstallationWish) =>
  redisPrefix === '' ? own : redisPrefix;

async function readItems(client: DynamoDBClient, stateTable: string): Promise<[Item | undefined, boolean]> {
  const items = await batchGet(client, stateTable, [KEY, GENERATION_COUNTER]);
  const of = ({ pk }: Item) => items.find((item) => item.pk?.S === pk?.S);
  return [of(KEY), of(GENERATION_COUNTER) !== undefined];
}

/** Whoever is first decides. */
async function decide(client: DynamoDBClient, stateTable: string, prefix: string): Promise<Item> {
  const item = { ...KEY, id: { S: randomUUID() }, prefix: { S: prefix }, at: { N: `${Date.now()}` } };
  try {
    const request = { TableName: stateTable, Item: item, ConditionExpression: 'attribute_not_exists(pk)' };
    await client.send(new PutItemCommand(request));
    return item;
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    const [others] = await readItems(client, stateTable);
    if (others) return others;
    throw error;
  }
}

const VERSIONS_KEY: Item = { pk: { S: 'versions' }, sk: { S: 'highest' } };
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
      const [item = {}] = await batchGet(client, stateTable, [VERSIONS_KEY], pause);
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
        Key: VERSIONS_KEY,
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
