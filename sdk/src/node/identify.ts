import { createHmac, randomUUID as randomUuid } from 'node:crypto';
import type { Identify } from '../experiment/visitor.ts';
import { listSecrets, signText, verifyText } from '../visitor/signed-text.ts';
import type { Secret } from '../visitor/signed-text.ts';
import { identifyByCookie, readId } from '../visitor/visitor-cookie.ts';
import type { CookieSettings } from '../visitor/visitor-cookie.ts';
import { refusesTracking } from '../visitor/visitor-request.ts';

/** Where a link says which variant it asks for. */
const FORCED_PARAMETER = 'mem_force';

export interface IdentificationSettings {
  /** Without it no cookie is read or written. */
  readonly cookie?: CookieSettings & {
    /** Which part of the context is the visitor's id. Default `userId`. */
    readonly idKey?: string;
  };
  /** Without it links cannot force a variant. */
  readonly forcedLinks?: { readonly secret: Secret };
  /**
   * What becomes of visitors with Do Not Track or Global Privacy Control. `off` (the default): they see the control and
   * are not counted. `anonymous`: counted, without anything by which they could be recognised; where there is no user id
   * each request draws anew. `ignore`: as all others. Only with `ignore` do they get a cookie.
   */
  readonly doNotTrack?: 'off' | 'anonymous' | 'ignore';
}

/** Who a visitor is by the context, the cookie and the privacy signals that come with the request. */
export function identifyByRequest({ cookie, forcedLinks, doNotTrack = 'off' }: IdentificationSettings): Identify {
  return (request, name, context) => {
    if (!request) return { context };

    const forced = forcedLinks && readForcedLink(request.url, forcedLinks.secret, name, Date.now());
    const isReluctant = doNotTrack !== 'ignore' && refusesTracking(request);
    if (isReluctant && doNotTrack === 'off') return { context, forced, excludedBy: 'privacy' };
    if (!cookie) return { context, forced };

    const { idKey = 'userId' } = cookie;
    if (!isReluctant) return { ...identifyByCookie(request, context, { hmac: hmacNode, cookie, name, idKey }), forced };
    if (readId(context, idKey) !== undefined) return { context, forced };
    // Drawn for this request alone, so that these visitors are spread over the variants and not known again.
    return { context: { ...context, [idKey]: randomUuid() }, isFleeting: true, forced };
  };
}

export interface ForcedVariant {
  readonly experiment: string;
  readonly variant: string;
  readonly expiresAt: Date;
}

/** The address with a signed request to see a variant. Several experiments: sign the address again for each. */
export function signForcedLink(url: string, secret: Secret, { experiment, variant, expiresAt }: ForcedVariant): string {
  const link = new URL(url);
  const request = JSON.stringify([experiment, variant, expiresAt.getTime()]);
  link.searchParams.append(FORCED_PARAMETER, signText(hmacNode, listSecrets(secret)[0], FORCED_PARAMETER, request));
  return link.href;
}

/** The variant that an address asks for, if somebody with the secret has signed it and its time has not run out. */
export function readForcedLink(url: string, secret: Secret, experiment: string, now: number): string | undefined {
  // Not by URL, which throws at some of the paths that servers are asked for.
  const requests = new URLSearchParams(url.split('?')[1])
    .getAll(FORCED_PARAMETER)
    .map((signed) => verifyText(hmacNode, listSecrets(secret), FORCED_PARAMETER, signed))
    .filter((request) => request !== undefined)
    .map((request) => JSON.parse(request) as [experiment: string, variant: string, expiresAtMs: number]);

  return requests.find(([name, , expiresAtMs]) => name === experiment && expiresAtMs > now)?.[1];
}

/** The same HMAC-SHA-256, some ten times as fast. */
export function hmacNode(secret: string, message: string): string {
  return createHmac('sha256', secret).update(message).digest('hex');
}
