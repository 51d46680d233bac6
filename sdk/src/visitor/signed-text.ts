import { InvalidDefinitionError } from '../errors.ts';
import type { Hmac } from '../key/sha256.ts';

/** Several, so that they can be changed: the first signs, all are accepted. */
export type Secret = string | readonly string[];

export function listSecrets(secret: Secret): readonly [string, ...string[]] {
  const [first = '', ...others] = typeof secret === 'string' ? [secret] : secret;
  if (first === '' || others.includes('')) throw new InvalidDefinitionError('Expected a secret, got an empty one.');

  return [first, ...others];
}

/** Compares without telling by its duration where the first difference is. */
function isEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);

  return difference === 0;
}

/** `text.signature`. The purpose goes into the signature, so that what was signed for one use is void in another. */
export function signText(hmac: Hmac, secret: string, purpose: string, text: string): string {
  return `${text}.${hmac(secret, JSON.stringify([purpose, text]))}`;
}

/** The text, if one of the secrets has signed it for this purpose. */
export function verifyText(
  hmac: Hmac,
  secrets: readonly string[],
  purpose: string,
  signed: string,
): string | undefined {
  const text = signed.slice(0, Math.max(0, signed.lastIndexOf('.')));
  return secrets.some((secret) => isEqual(signText(hmac, secret, purpose, text), signed)) ? text : undefined;
}
