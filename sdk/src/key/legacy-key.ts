import { InvalidContextError } from '../errors.ts';
import { md5 } from '../hash/md5.ts';

const toText = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = (value as { toString: () => string }).toString();
  if (text === '[object Object]') {
    throw new InvalidContextError(
      'Expected values that have a text of their own in a gitlab-experiment key, got an object.',
    );
  }
  return text;
};

/**
 * The key that gitlab-experiment 0.2.0 makes: names and values in insertion order. It collides ({a: 'x', b: 'y'} and
 * {a: 'b|x|y'}), so it is for moving a running experiment over. JavaScript puts names that are whole numbers first.
 */
export const legacyKey = (context: object): string =>
  md5([...Object.keys(context), ...Object.values(context).map(toText)].join('|'));
