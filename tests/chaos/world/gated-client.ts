import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createClient, type Command, type Throttle } from '../../support/dynamodb/memory-dynamodb.ts';
import { StoreFailure, type Accident, type Gate } from './tasks.ts';

interface Request {
  command: Command;
  resolve: (answer: object) => void;
  reject: (error: Error) => void;
}

/** Requests of one kind that are under way at once: what happens to them, happens in one step. */
interface Group {
  name: string;
  requests: Request[];
  hasBegun: boolean;
}

type Answer = (command: Command, throttle?: Throttle) => object;

/** Many requests are taken in pieces, so that two tasks' requests interleave, and one crashes between its own. */
const REQUESTS_AT_ONCE = 7;

/** A client whose requests wait at a task's gate. An accident meets some of those that are under way at once. */
export function createGatedClient(answer: Answer, gate: Gate): DynamoDBClient {
  let newest: Group | undefined;

  function join(name: string): Group {
    const isOpen = newest?.name === name && !newest.hasBegun && newest.requests.length < REQUESTS_AT_ONCE;
    return newest && isOpen ? newest : (newest = begin(name));
  }

  function begin(name: string): Group {
    const group: Group = { name, requests: [], hasBegun: false };
    const answerAll = (how?: Accident) => {
      group.hasBegun = true;
      return Promise.resolve(group.requests.map((request, index) => settle(request, index, answer, how)));
    };
    void gate(name, answerAll, answerAll).then((tell) => tell.forEach((told) => told()));
    return group;
  }

  return createClient(
    (command) =>
      new Promise((resolve, reject) => {
        join(nameOf(command)).requests.push({ command, resolve, reject });
      }),
  );
}

/** Makes one of several requests. @returns tells whoever made it what came of it, unless it is heard of no more */
function settle({ command, resolve, reject }: Request, index: number, answer: Answer, how?: Accident): () => void {
  const isMet = how !== undefined && index % 2 === 0;
  const fail = (why: string) => () => reject(new StoreFailure(`${command.name}: ${why}`));
  if (isMet && how.endsWith('before')) return fail('refused');
  try {
    const answered = answer(command, isMet && how === 'throttle' ? isThrottled : undefined);
    return isMet && how.endsWith('after') ? fail('no answer') : () => resolve(answered);
  } catch (error) {
    return () => reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Of a command's parts most find the table too busy; the command itself, which is part 0, always. */
const isThrottled: Throttle = (part) => part % 3 !== 1;

function nameOf({ name, input }: Command): string {
  const { TableName, RequestItems } = input as { TableName?: string; RequestItems?: object };
  return `${name} ${TableName ?? Object.keys(RequestItems ?? {}).join()}`;
}
