import type { BatchGetItemCommandInput, PutItemCommandInput, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Command } from '../../support/dynamodb/memory-dynamodb.ts';

/** The same command with some of its input changed. */
export function withInput(command: Command, changed: object): Command {
  return { ...command, input: { ...command.input, ...changed } };
}

/** Whether a command changes an item in one partition of the state table. */
export function isUpdateIn(partition: string, { name, input }: Command): boolean {
  return name === 'UpdateItem' && (input as UpdateItemCommandInput).Key?.pk?.S === partition;
}

/** Whether a command puts an item into a table. */
export function isPutInto(table: string, { name, input }: Command): boolean {
  return name === 'PutItem' && (input as PutItemCommandInput).TableName === table;
}

/** A BatchGetItem of a table, or of one of its partitions, that may answer what was there some writes ago. */
export function withoutConsistency(command: Command, table: string, partition?: string): Command {
  if (command.name !== 'BatchGetItem') return command;
  const request = (command.input as BatchGetItemCommandInput).RequestItems?.[table];
  const isMeant = request?.Keys?.some(({ pk }) => partition === undefined || pk?.S === partition);
  if (!isMeant) return command;
  return withInput(command, { RequestItems: { [table]: { ...request, ConsistentRead: false } } });
}
