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
  Resource: string | string[];
  Condition?: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': string[] } };
}

interface Policy {
  PolicyDocument: { Statement: Statement[] };
}

interface Roles {
  Resources: Record<string, { Properties: { Policies: Policy[] } }>;
}

/** Policies that name the roles to which they belong. */
interface Attached {
  Resources: Record<string, { Type: string; Properties: Policy & { Roles: string[] } }>;
}

const read = (file: string): unknown =>
  parse(readFileSync(`deploy/resources/${file}`, 'utf8'), { logLevel: 'silent', merge: true });
const roles = read('roles.yml') as Roles;
const attached = Object.values((read('event-log.yml') as Attached).Resources).flatMap(({ Type, Properties }) =>
  Type === 'AWS::IAM::Policy' ? [Properties] : [],
);

const EVERY_KEY = ['*'];

function statementsOf(role: string): Statement[] {
  const own = roles.Resources[role]?.Properties.Policies ?? [];
  const others = attached.filter(({ Roles }) => Roles.includes(role));
  return [...own, ...others].flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
}

/** Actions on the stream, the tables and files that a role allows. */
export function actionsOf(role: string): string[] {
  return statementsOf(role).flatMap(({ Action }) => Action.filter((action) => !action.startsWith('logs:')));
}

/** Whether a role allows a call. */
export function allows(role: string, { action, resource, leadingKeys }: Needed): boolean {
  return statementsOf(role).some(({ Action, Resource, Condition }) => {
    const keys = Condition?.['ForAllValues:StringEquals']['dynamodb:LeadingKeys'] ?? EVERY_KEY;
    const reaches = keys === EVERY_KEY || (leadingKeys.length > 0 && leadingKeys.every((key) => keys.includes(key)));
    return Action.includes(action) && Resource.includes(`${resource}.`) && reaches;
  });
}

/** @param action `s3:GetObject`, as tests/support/log/s3-stub.ts names it */
export function neededForFiles(action: string): Needed {
  return { action, resource: 'EventLogBucket', leadingKeys: [] };
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
