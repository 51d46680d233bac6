import { createApiKeys, type ApiKeys } from '../shared/api-keys.ts';
import { createDynamoDBClient } from '../shared/aws-clients.ts';
import { readConsumerConfig, readReportConfig } from '../shared/config.ts';
import { createDefinitions, type Definitions } from '../shared/definitions.ts';
import { connectStores, type AllStores } from '../shared/stores.ts';
import { findSystem, type System, type SystemOptions } from './system.ts';

/** What lies in DynamoDB alone, and can be reached where Redis cannot. */
export interface Tables {
  apiKeys: ApiKeys;
  definitions: Definitions;
  close: () => void;
}

/**
 * Connects to all stores of a system.
 * @throws Error that says what is missing, or why its Redis cannot be reached from here
 */
export async function connect(options: SystemOptions): Promise<AllStores> {
  const system = await findSystem(options);
  if (system.redisInside !== undefined) throw new Error(whyUnreachable(system, system.redisInside));
  const warned = new Set<string>();
  const settings = { ...(await system.readConsumerSettings?.()), ...system.settings };
  return connectStores(readConsumerConfig(settings), (what, reason) => {
    const line = `mem: ${what}: ${reason}\n`;
    if (!warned.has(line)) process.stderr.write(line);
    warned.add(line);
  });
}

/** Connects to the tables of a system: no Redis is needed for them. */
export async function connectTables(options: SystemOptions): Promise<Tables> {
  const { settings } = await findSystem(options);
  const { stateTable, dynamodbEndpoint } = readReportConfig(settings);
  const dynamodb = createDynamoDBClient(dynamodbEndpoint);
  return {
    apiKeys: createApiKeys(dynamodb, stateTable, Date.now),
    definitions: createDefinitions(dynamodb, stateTable, Date.now),
    close: () => dynamodb.destroy(),
  };
}

function whyUnreachable({ name, urls }: System, endpoint: string): string {
  return [
    `the Redis of ${name} (${endpoint}) is inside its own network and cannot be reached from here.`,
    `What works: mem keys, mem experiments show and apply, mem dashboard${urls.page ? ` (${urls.page})` : ''}, and the report API with a key.`,
    `On a machine inside that network, set REDIS_URL=rediss://${endpoint}`,
  ].join('\n  ');
}
