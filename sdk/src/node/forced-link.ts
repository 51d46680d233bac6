import { listSecrets, signText, verifyText } from '../visitor/signed-text.ts';
import type { Secret } from '../visitor/signed-text.ts';
import { hmacNode } from './hmac-node.ts';

const parameter = 'mem_force';

export interface ForcedVariant {
  readonly experiment: string;
  readonly variant: string;
  readonly expiresAt: Date;
}

/** The address with a signed wish to see a variant. Several experiments: sign the address again for each. */
export const signForcedLink = (
  url: string,
  secret: Secret,
  { experiment, variant, expiresAt }: ForcedVariant,
): string => {
  const link = new URL(url);
  const wish = JSON.stringify([experiment, variant, expiresAt.getTime()]);
  link.searchParams.append(parameter, signText(hmacNode, listSecrets(secret)[0], parameter, wish));
  return link.href;
};

/** The variant that an address asks for, if somebody with the secret has signed it and its time has not run out. */
export const readForcedLink = (url: string, secret: Secret, experiment: string, now: number): string | undefined => {
  // Not by URL, which throws at some of the paths that servers are asked for.
  const wishes = new URLSearchParams(url.split('?')[1])
    .getAll(parameter)
    .map((signed) => verifyText(hmacNode, listSecrets(secret), parameter, signed))
    .filter((wish) => wish !== undefined)
    .map((wish) => JSON.parse(wish) as [experiment: string, variant: string, expiresAtMs: number]);

  return wishes.find(([name, , expiresAtMs]) => name === experiment && expiresAtMs > now)?.[1];
};
