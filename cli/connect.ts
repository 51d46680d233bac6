import { setTimeout as sleep } from 'node:timers/promises';
import { createApiKeys, type ApiKeys } from '../shared/stores/dynamodb/api-keys.ts';
import { createDynamoDBClient } from '../shared/stores/aws-clients.ts';
import { readConsumerConfig, readReportConfig } from '../shared/runtime/config.ts';
import { createDefinitions } from '../shared/stores/dynamodb/definitions.ts';
import type { Definitions, Deletions, Quarantine } from '../shared/counting/ports.ts';
import { createDeletions } from '../shared/stores/dynamodb/deletions.ts';
import { createImports, type Imports } from '../shared/stores/dynamodb/imports.ts';
import { createQuarantine } from '../shared/stores/dynamodb/quarantine.ts';
import { connectStores, type AllStores } from '../shared/stores/connect.ts';
import type { System } from './system.ts';

/** What lies in DynamoDB alone, and can be reached where Redis cannot. */
export interface Tables {
  apiKeys: ApiKeys;
  definitions: Definitions;
  deletions: Deletions;
  imports: Imports;
  quarantine: Quarantine;
  now: () => number;
  close: () => void;
}

/**
 * Connects to all stores of a system.
 * @throws Error that says what is missing
 */
export async function connect(system: System): Promise<AllStores> {
  const warned = new Set<string>();
  const settings = { ...(await system.readConsumerSettings?.()), ...system.settings };
  return connectStores(readConsumerConfig(settings), (what, reason) => {
    const line = `mem: ${what}: ${reason}\n`;
    if (!warned.has(line)) process.stderr.write(line);
    warned.add(line);
  });
}

/** Connects to the tables of a system: no Redis is needed for them. */
export function connectTables({ settings }: System): Tables {
  const { stateTable, dynamodbEndpoint } = readReportConfig(settings);
  const dynamodb = createDynamoDBClient(dynamodbEndpoint);
  return {
    apiKeys: createApiKeys(dynamodb, stateTable, Date.now),
    definitions: createDefinitions(dynamodb, stateTable, Date.now),
    deletions: createDeletions(dynamodb, stateTable, { now: Date.now, sleep: (ms) => sleep(ms) }),
    imports: createImports(dynamodb, stateTable),
    quarantine: createQuarantine(dynamodb, stateTable, Date.now),
    now: Date.now,
    close: () => dynamodb.destroy(),
  };
}
