import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { experimentName } from '../../../contract/experiment-id.ts';
import type { LeftOutReason } from '../../../contract/report/ingest-notes.ts';
import { experimentKey } from '../state-key.ts';

// Apart from what reads them: the function that takes events in has no client of DynamoDB.

const PARTITION = 'ingest';
export const WEEK_MS = 7 * 86_400_000;

/** Whoever looks at an experiment that has been silent for so long knows its control from its definition, or guesses. */
const KEPT_SECONDS = 90 * 86_400;

/** Names of one control that are kept: from two on it is a guess anyway. */
const MOST_CONTROLS = 3;

type Item = Record<string, AttributeValue>;
export type NotesUpdate = Omit<UpdateItemCommandInput, 'TableName'>;

export function notesKey(namespace: string, experiment: string): Item {
  return experimentKey(PARTITION, experimentName(namespace, experiment));
}

/** @returns the update that remembers a control; DynamoDB refuses it where there are too many of them */
export function controlUpdate(namespace: string, experiment: string, control: string, now: number): NotesUpdate {
  return {
    Key: notesKey(namespace, experiment),
    UpdateExpression: 'SET #experiment = :experiment, #expiresAt = :expiresAt ADD #controls :control',
    ConditionExpression: 'attribute_not_exists(#controls) OR size(#controls) < :most OR contains(#controls, :one)',
    ExpressionAttributeNames: { ...COMMON_NAMES, '#controls': 'controls' },
    ExpressionAttributeValues: {
      ...commonValues(experiment, now),
      ':control': { SS: [control] },
      ':one': { S: control },
      ':most': { N: String(MOST_CONTROLS) },
    },
  };
}

type Counts = ReadonlyMap<LeftOutReason, number>;

/**
 * @returns updates of which the second is for a week in which nothing was left out yet: DynamoDB refuses the first there.
 *   This way an item never holds more than two weeks.
 */
export function leftOutUpdates(
  namespace: string,
  experiment: string,
  counts: Counts,
  now: number,
): [NotesUpdate, NotesUpdate] {
  const week = { N: String(Math.floor(now / WEEK_MS)) };
  const reasons = [...counts];
  const Key = notesKey(namespace, experiment);
  const names = { ...COMMON_NAMES, '#week': 'week', '#counts': 'counts' };
  const common = { ...commonValues(experiment, now), ':week': week };
  const added = reasons.map((_, i) => `#counts.#r${i} = if_not_exists(#counts.#r${i}, :none) + :n${i}`).join(', ');
  const add: NotesUpdate = {
    Key,
    UpdateExpression: `SET #experiment = :experiment, #expiresAt = :expiresAt, ${added}`,
    ConditionExpression: '#week = :week',
    ExpressionAttributeNames: { ...names, ...Object.fromEntries(reasons.map(([reason], i) => [`#r${i}`, reason])) },
    ExpressionAttributeValues: {
      ...common,
      ':none': { N: '0' },
      ...Object.fromEntries(reasons.map(([, events], i) => [`:n${i}`, { N: String(events) }])),
    },
  };
  const begin: NotesUpdate = {
    Key,
    UpdateExpression:
      'SET #experiment = :experiment, #expiresAt = :expiresAt, #before = if_not_exists(#counts, :empty), ' +
      '#weekBefore = if_not_exists(#week, :none), #counts = :counts, #week = :week',
    ConditionExpression: 'attribute_not_exists(#week) OR #week <> :week',
    ExpressionAttributeNames: { ...names, '#before': 'before', '#weekBefore': 'weekBefore' },
    ExpressionAttributeValues: {
      ...common,
      ':none': { N: '0' },
      ':empty': { M: {} },
      ':counts': { M: Object.fromEntries(reasons.map(([reason, events]) => [reason, { N: String(events) }])) },
    },
  };
  return [add, begin];
}

const COMMON_NAMES = { '#experiment': 'experiment', '#expiresAt': 'expiresAt' };

function commonValues(experiment: string, now: number): Item {
  return { ':experiment': { S: experiment }, ':expiresAt': { N: String(Math.ceil(now / 1_000) + KEPT_SECONDS) } };
}
