import {
  CreateTableCommand,
  DescribeTableCommand,
  ResourceInUseException as TableExists,
  type CreateTableCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  IncreaseStreamRetentionPeriodCommand,
  ResourceInUseException as StreamExists,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';
import { setTimeout as sleep } from 'node:timers/promises';

/** A resource of a CloudFormation template, as far as we read it. */
export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
}

export type Resources = Record<string, Resource>;

type TableProperties = Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema'>;

/** Shards of the local stream: enough for order between shards to matter. On AWS the stream makes its own. */
const LOCAL_SHARDS = 2;

/**
 * Makes the streams and tables of a template where they are missing, and answers their names by logical id.
 * @param nameOf gives each its name from its logical id
 */
export async function createStores(
  resources: Resources,
  clients: { kinesis: KinesisClient; dynamodb: DynamoDBClient },
  nameOf: (logicalId: string) => string,
): Promise<Record<string, string>> {
  const names: Record<string, string> = {};
  for (const [logicalId, { Type, Properties }] of Object.entries(resources)) {
    const name = nameOf(logicalId);
    if (Type === 'AWS::Kinesis::Stream') {
      await createStream(clients.kinesis, name, Number(Properties.RetentionPeriodHours ?? 24));
      names[logicalId] = name;
    } else if (Type === 'AWS::DynamoDB::Table') {
      await createTable(clients.dynamodb, name, Properties);
      names[logicalId] = name;
    }
  }
  return names;
}

export async function createStream(client: KinesisClient, name: string, retentionHours: number, shards = LOCAL_SHARDS) {
  try {
    await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
  } catch (error) {
    if (error instanceof StreamExists) return;
    throw error;
  }
  const summary = new DescribeStreamSummaryCommand({ StreamName: name });
  await until(async () => (await client.send(summary)).StreamDescriptionSummary?.StreamStatus === 'ACTIVE');
  if (retentionHours > 24) {
    await client.send(
      new IncreaseStreamRetentionPeriodCommand({ StreamName: name, RetentionPeriodHours: retentionHours }),
    );
  }
}

/** On demand, whatever is paid on AWS: nothing here has a capacity. */
async function createTable(client: DynamoDBClient, name: string, properties: TableProperties): Promise<void> {
  const { AttributeDefinitions, KeySchema } = properties;
  try {
    await client.send(
      new CreateTableCommand({ TableName: name, AttributeDefinitions, KeySchema, BillingMode: 'PAY_PER_REQUEST' }),
    );
  } catch (error) {
    if (error instanceof TableExists) return;
    throw error;
  }
  const description = new DescribeTableCommand({ TableName: name });
  await until(async () => (await client.send(description)).Table?.TableStatus === 'ACTIVE');
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(20);
}
