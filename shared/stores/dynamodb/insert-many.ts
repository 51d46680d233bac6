import { BatchExecuteStatementCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createLeanCall, prepareRequest } from '../lean-call.ts';

/** DynamoDB takes no more in one request. */
export const MOST_INSERTS = 25;

/** An attribute as DynamoDB's JSON has it; bytes are base64. */
export type WireValue = { S: string } | { N: string } | { B: string };

/** Why an item was not inserted: `DuplicateItem` where its key exists. */
export interface InsertFault {
  code: string;
  message: string;
}

/**
 * Inserts items under keys that must not exist yet, at most 25 of different keys, each by itself.
 * @param items the values of each item, in the order of the attributes' names
 * @returns for each item, undefined where it was inserted
 * @throws where nothing is known about any of them
 */
export type InsertMany = (items: readonly (readonly WireValue[])[]) => Promise<(InsertFault | undefined)[]>;

interface StatementAnswer {
  Error?: { Code?: string; Message?: string };
}

/**
 * A PartiQL INSERT fails where the key exists, so it is a conditional write; and 25 of them go into a request, which
 * costs as many write units as 25 requests and a twentieth of their CPU.
 * @param attributes the names of an item's attributes, its key first
 */
export function createInsertMany(client: DynamoDBClient, table: string, attributes: readonly string[]): InsertMany {
  const statement = `INSERT INTO "${table}" VALUE {${attributes.map((name) => `'${name}':?`).join(',')}}`;
  const call = createLeanCall(client.config, () => {
    const sample = new BatchExecuteStatementCommand({ Statements: [{ Statement: statement }] });
    return prepareRequest(sample, () => client.send(sample, {}));
  });

  return async (items) => {
    const body = JSON.stringify({ Statements: items.map((values) => ({ Statement: statement, Parameters: values })) });
    const { Responses = [] } = (await call(body)) as { Responses?: StatementAnswer[] };
    if (Responses.length !== items.length) {
      throw new Error(`${table}: expected answers to ${items.length} statements, got ${Responses.length}`);
    }
    return Responses.map(({ Error: fault }) => fault && { code: fault.Code ?? '', message: fault.Message ?? '' });
  };
}
