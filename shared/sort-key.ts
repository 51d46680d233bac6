import { hash } from 'node:crypto';

/** DynamoDB's limit for a sort key. */
const MOST_BYTES = 1_024;

/**
 * An experiment's sort key in the state table: its encoded name (see experimentName), or a digest where that is too
 * long, as 256 characters of other scripts are. Encoded names are ASCII and hold no '=', so that none looks like a digest.
 */
export function toSortKey(name: string): string {
  return name.length <= MOST_BYTES ? name : `sha256=${hash('sha256', name, 'hex')}`;
}
