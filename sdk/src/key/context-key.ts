import type { Hmac } from '../hash/hmac.ts';
import { canonicalJson } from './canonical-json.ts';

/**
 * The pseudonym of a context in one experiment. The experiment's name goes into it, so that one visitor's keys in two
 * experiments cannot be linked; without the secret it cannot be found again by trying all user ids.
 */
export const contextKey = (hmac: Hmac, secret: string, name: string, context: object): string =>
  hmac(secret, canonicalJson([name, context]));
