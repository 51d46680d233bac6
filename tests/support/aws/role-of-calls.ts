import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { AwsCall } from '../local/counting-proxy.ts';

/** What one call needs of a role. */
export interface Needed {
  action: string;
  /** `StateTable`, as deploy/resources/stores.yml names it. */
  resource: string;
  /** Partition keys that it touches, of a table that has several. */
  leadingKeys: string[];
}

interface Statement {
  Effect: string;
  Action: string[];
  Resource: string;
  Condition?: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': string[] } };
}

interface Roles {
  Resources: Record<string, { Properties: { Policies: { PolicyDocument: { Statement: Statement[] } }[] } }>;
}

const roles = parse(readFileSync('deploy/resources/roles.yml', 'utf8'), { logLevel: 'silent', merge: true }) as Roles;

const EVERY_KEY = ['*'];

function statementsOf(role: string): Statement[] {
  return (roles.Resources[role]?.Properties.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** Actions on the stream and the tables that a role allows. */
export function actionsOf(role: string): string[] {
  return statementsOf(role).flatMap(({ Action }) => Action.filter((action) => !action.startsWith('logs:')));
}

/** Whether a role allows a call. */
export function allows(role: string, { action, resource, leadingKeys }: Needed): boolean {
  return statementsOf(role).some(({ Action, Resource, Condition }) => {
    const keys = Condition?.['ForAllValues:StringEquals']['dynamodb:LeadingKeys'] ?? EVERY_KEY;
    const reaches = keys === EVERY_KEY || (leadingKeys.length > 0 && leadingKeys.every((key) => keys.includes(key)));
    return Action.includes(action) && Resource.startsWith(`${resource}.`) && reaches;
  });
}

/** @param tables real name -> its name in deploy/resources/stores.yml */
export function neededFor({ operation, body }: AwsCall, tables: ReadonlyMap<string, string>): Needed[] {
  if (body.TableName === undefined && body.RequestItems === undefined && body.Statements === undefined) {
    return [{ action: `kinesis:${operation}`, resource: 'EventStream', leadingKeys: [] }];
  }
  if (body.Statements !== undefined) return statementsIn(body.Statements as { Statement: string }[], tables);
  if (body.RequestItems === undefined) {
    const resource = tables.get(String(body.TableName)) ?? String(body.TableName);
    return [{ action: `dynamodb:${operation}`, resource, leadingKeys: partitionsIn(body) }];
  }
  return Object.entries(body.RequestItems as Record<string, { Keys: Item[] }>).map(([table, { Keys }]) => ({
    action: `dynamodb:${operation}`,
    resource: tables.get(table) ?? table,
    leadingKeys: Keys.flatMap(partitionOf),
  }));
}

/** `INSERT INTO "table" VALUE …` */
function statementsIn(statements: readonly { Statement: string }[], tables: ReadonlyMap<string, string>): Needed[] {
  return statements.map(({ Statement: text }) => {
    const [, verb = '', table = ''] = /^(\w+) INTO "([^"]+)"/.exec(text) ?? [];
    const action = `dynamodb:PartiQL${verb.charAt(0)}${verb.slice(1).toLowerCase()}`;
    return { action, resource: tables.get(table) ?? table, leadingKeys: [] };
  });
}

type Item = Record<string, { S?: string } | undefined>;

const partitionOf = ({ pk }: Item): string[] => (pk?.S === undefined ? [] : [pk.S]);

function partitionsIn(body: AwsCall['body']): string[] {
  const { Key = {}, Item = {}, ExpressionAttributeValues = {} } = body as Record<string, Item | undefined>;
  return [...partitionOf(Key), ...partitionOf(Item), ...partitionOf({ pk: ExpressionAttributeValues[':pk'] })];
}
