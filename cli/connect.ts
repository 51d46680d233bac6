import { createApiKeys, type ApiKeys } from '../shared/stores/dynamodb/api-keys.ts';
import { createDynamoDBClient } from '../shared/stores/aws-clients.ts';
import { readConsumerConfig, readReportConfig, type ConsumerConfig } from '../shared/runtime/config.ts';
import { createDefinitions } from '../shared/stores/dynamodb/definitions.ts';
import type { Definitions, Deletions, Quarantine } from '../shared/counting/ports.ts';
import { createDeletionMarks } from '../shared/stores/dynamodb/deletions.ts';
import { createImports, type Imports } from '../shared/stores/dynamodb/imports.ts';
import { findInstallation, type Installation } from '../shared/stores/dynamodb/installation.ts';
import { createVersionsOfStage, type VersionsOfStage } from '../shared/stores/dynamodb/installation.ts';
import { createQuarantine } from '../shared/stores/dynamodb/quarantine.ts';
import { connectOwner, connectStores, type AllStores, type OwnPlace } from '../shared/stores/connect.ts';
import type { System } from './system.ts';

/** What lies in DynamoDB alone, and can be reached where Redis cannot. */
export interface Tables {
  apiKeys: ApiKeys;
  definitions: Definitions;
  deletions: Pick<Deletions, 'read' | 'readAll'>;
  imports: Imports;
  quarantine: Quarantine;
  versions: VersionsOfStage;
  /** Who this installation is; its id is '' before it has counted. */
  installation: () => Promise<Installation & { hasCounted: boolean }>;
  now: () => number;
  close: () => void;
}

/**
 * Connects to all stores of a system.
 * @throws Error that says what is missing
 */
export async function connect(system: System): Promise<AllStores> {
  return connectStores(await readSettings(system), warnOnce());
}

/** Connects to a system's place in Redis, whosever it is. @throws Error of the connection */
export async function connectPlace(system: System): Promise<OwnPlace> {
  return connectOwner(await readSettings(system), warnOnce());
}

async function readSettings({ settings, readConsumerSettings }: System): Promise<ConsumerConfig> {
  return readConsumerConfig({ ...(await readConsumerSettings?.()), ...settings });
}

function warnOnce(): (what: string, reason: string) => void {
  const warned = new Set<string>();
  return (what, reason) => {
    const line = `mem: ${what}: ${reason}\n`;
    if (!warned.has(line)) process.stderr.write(line);
    warned.add(line);
  };
}

/** Connects to the tables of a system: no Redis is needed for them. */
export function connectTables({ settings }: Pick<System, 'settings'>): Tables {
  const config = readReportConfig(settings);
  const { stateTable, dynamodbEndpoint } = config;
  const dynamodb = createDynamoDBClient(dynamodbEndpoint);
  return {
    apiKeys: createApiKeys(dynamodb, stateTable, Date.now),
    definitions: createDefinitions(dynamodb, stateTable, Date.now),
    deletions: createDeletionMarks(dynamodb, stateTable),
    imports: createImports(dynamodb, stateTable),
    quarantine: createQuarantine(dynamodb, stateTable, Date.now),
    versions: createVersionsOfStage(dynamodb, stateTable),
    installation: () => findInstallation(dynamodb, stateTable, config),
    now: Date.now,
    close: () => dynamodb.destroy(),
  };
}
