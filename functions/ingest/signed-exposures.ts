import { createHmac, timingSafeEqual } from 'node:crypto';
import { EXPOSURE, describeGiven, type Rejection, type StreamEvent } from '../../shared/contract/event.ts';

/** What a site's server vouches for: that it shows this visitor this variant. */
export interface Exposure {
  namespace: string;
  experiment: string;
  variant: string;
  unit: string;
}

/** Namespace -> experiments whose exposures count only if a server of the site's has signed them. */
export type SignedOnly = Readonly<Record<string, readonly string[]>>;

export interface SignatureDeps {
  signedOnly: SignedOnly;
  /** Any of them may have signed: a new one is added before the old one goes. */
  secrets: readonly string[];
  /** ms since 1970 */
  now: () => number;
}

/** Why an event may not be taken; undefined where it may. @param signature as it came */
export type RefuseUnsigned = (event: StreamEvent, signature: unknown) => Rejection | undefined;

/**
 * A signature of an exposure: `EXPIRES.MAC`. The MAC is HMAC-SHA256, in base64url, over version, namespace, experiment,
 * variant, unit and EXPIRES, each with its length in UTF-8 before it, so that parts cannot run together.
 * @param expires seconds since 1970; from then on it is worth nothing
 */
export function signExposure(exposure: Exposure, expires: number, secret: string): string {
  return `${expires}.${macOf(exposure, String(expires), secret).toString('base64url')}`;
}

function macOf({ namespace, experiment, variant, unit }: Exposure, expires: string, secret: string): Buffer {
  const parts = ['mem-exposure-1', namespace, experiment, variant, unit, expires];
  const text = parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join('');
  return createHmac('sha256', secret).update(text).digest();
}

const SIGNATURE = /^(\d{1,12})\.([\w-]{43})$/;

/** Refuses exposures of some experiments that no server of the site's has signed; says nothing of all other events. */
export function createRefuseUnsigned({ signedOnly, secrets, now }: SignatureDeps): RefuseUnsigned {
  const tidy = (name: string) => name.normalize('NFC').trim(); // as names of events are
  const concerned = new Map(
    Object.entries(signedOnly).map(([namespace, names]) => [tidy(namespace), new Set(names.map(tidy))]),
  );
  return ({ event, namespace, experiment = '', variant = '', unit }, signature) => {
    if (event !== EXPOSURE || !concerned.get(namespace)?.has(experiment)) return undefined;
    if (unit === undefined) return refusal('unsigned', 'unit: expected a visitor whose exposure is signed, got none');
    const [, expires, mac] = SIGNATURE.exec(typeof signature === 'string' ? signature : '') ?? [];
    if (expires === undefined || mac === undefined) {
      return refusal(
        'unsigned',
        `signature: expected EXPIRES.MAC of the site's server, got ${describeGiven(signature)}`,
      );
    }
    const given = Buffer.from(mac, 'base64url');
    const exposure = { namespace, experiment, variant, unit };
    // Every secret is tried, and each compared in constant time: how long it takes tells nothing.
    const matches = secrets.map((secret) => timingSafeEqual(macOf(exposure, expires, secret), given));
    if (!matches.includes(true)) {
      return refusal('bad_signature', 'signature: expected one of this visitor and variant, made with a valid secret');
    }
    if (Number(expires) * 1_000 > now()) return undefined;
    return refusal('bad_signature', `signature: expected one that is valid still, got one that expired at ${expires}`);
  };
}

function refusal(code: 'unsigned' | 'bad_signature', message: string): Rejection {
  return { code, message };
}
