import type { GetItemCommandInput } from '@aws-sdk/client-dynamodb';
import type { Command } from '../../support/dynamodb/memory-dynamodb.ts';
import { withInput } from './commands.ts';
import type { Rule } from './rules.ts';

const DELETING = { delete: 8, pass: 0, accident: 2 };

/** Everything about when an experiment is forgotten. */
export const deletionRules: readonly Rule[] = [
  {
    name: 'a deletion goes by the clock of the store, not by that of whoever asks for it',
    shownBy: { weather: DELETING, seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ storeNow: (own) => Promise.resolve(own()) }),
  },
  {
    name: 'a deletion is answered when its time has come',
    shownBy: { weather: DELETING, seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ waits: (role) => role !== 'operator' }),
  },
  {
    name: 'a deletion ends no earlier than the one before it',
    shownBy: { weather: DELETING, seed: 1 },
    keepsCounters: true,
    breakIt: () => ({ command: withoutTimeOfDeletion }),
  },
];

/** What is read of a deletion says its number, but not its time. */
function withoutTimeOfDeletion(command: Command): Command {
  const isMeant = command.name === 'GetItem' && (command.input as GetItemCommandInput).Key?.pk?.S === 'deletion';
  if (!isMeant) return command;
  return withInput(command, { ProjectionExpression: '#number', ExpressionAttributeNames: { '#number': 'number' } });
}
