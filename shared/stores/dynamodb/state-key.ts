import { hash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

/**
 * The key of an experiment's item in a partition of the state table. A sort key has at most 1,024 bytes; an encoded name
 * can be six times as long.
 * @param name of the experiment through all its incarnations: see experimentName()
 */
export function experimentKey(partition: string, name: string): Record<'pk' | 'sk', AttributeValue> {
  return { pk: { S: partition }, sk: { S: hash('sha256', name, 'hex') } };
}
