import { refusesTracking } from '../visitor/do-not-track.ts';
import type { Identify } from '../experiment/visitor.ts';
import type { Secret } from '../visitor/signed-text.ts';
import { identifyByCookie } from '../visitor/visitor-cookie.ts';
import type { CookieSettings } from '../visitor/visitor-cookie.ts';
import { readForcedLink } from './forced-link.ts';
import { hmacNode } from './hmac-node.ts';

export interface IdentificationSettings {
  /** Without it no cookie is read or written. */
  readonly cookie?: CookieSettings & {
    /** Which part of the context is the visitor's id. Default `userId`. */
    readonly idKey?: string;
  };
  /** Without it links cannot force a variant. */
  readonly forcedLinks?: { readonly secret: Secret };
  /**
   * What becomes of visitors who refuse tracking (DNT, Sec-GPC). They never get a cookie. `anonymous` (the default):
   * counted, but without anything by which they could be recognised. `off`: not counted.
   */
  readonly doNotTrack?: 'anonymous' | 'off';
}

const hasId = (context: object, idKey: string): boolean =>
  Object.entries(context).some(
    ([key, value]) => key === idKey && value !== undefined && value !== null && value !== '',
  );

/** Who a visitor is by the context, the cookie and the wishes that come with the request. */
export const identifyByRequest =
  ({ cookie, forcedLinks, doNotTrack = 'anonymous' }: IdentificationSettings): Identify =>
  (request, name, context) => {
    if (!request) return { context };

    const forced = forcedLinks && readForcedLink(request.url, forcedLinks.secret, name, Date.now());
    const isUncounted = doNotTrack === 'off' && refusesTracking(request);
    if (!cookie) return { context, forced, isUncounted };

    const { idKey = 'userId' } = cookie;
    if (refusesTracking(request) && !hasId(context, idKey)) {
      // Drawn for this request alone, so that these visitors are spread over the variants and not known again.
      return { context: { ...context, [idKey]: crypto.randomUUID() }, isFleeting: true, forced, isUncounted };
    }
    return { ...identifyByCookie(request, context, { hmac: hmacNode, cookie, name, idKey }), forced, isUncounted };
  };
