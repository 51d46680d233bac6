import { hash } from 'node:crypto';
import { experimentName } from './experiment-id.ts';

/** DynamoDB's limit for a sort key. */
const MOST_BYTES = 1_024;

/**
 * An experiment's sort key in the state table: its encoded name, or a digest where that is too long, as 256 characters
 * of other scripts are. Encoded names are ASCII and have one ':', so that none looks like a digest.
 */
export function experimentSortKey(namespace: string, experiment: string): string {
  const name = experimentName(namespace, experiment);
  return name.length <= MOST_BYTES ? name : `sha256=${hash('sha256', name, 'hex')}`;
}
