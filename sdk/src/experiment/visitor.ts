import { contextKey } from '../key/context-key.ts';
import type { HashVersion } from '../key/context-key.ts';
import type { Hmac } from '../key/sha256.ts';
import type { Recognisable } from './assignment.ts';
import type { VisitorRequest } from '../visitor/visitor-request.ts';

/** What a visitor has said to being stored and counted. */
export type Consent = 'pending' | 'granted' | 'refused';

export interface VisitOptions {
  /** Lets the visitor be recognised by a cookie, and a signed link force a variant. */
  readonly request?: VisitorRequest;
  /** Whole contexts by which the visitor was known before. */
  readonly migratedFrom?: object | readonly object[];
  /** Parts of the context as they were before. */
  readonly migratedWith?: object | readonly object[];
  /** What rules may look at, but no key is made of: a plan, a country, whatever may change. */
  readonly attributes?: object;
  /** Sent with every event of this visit, and reported apart. At most 8. */
  readonly segments?: Readonly<Record<string, string>>;
  /** What the visitor has said. Without their consent they see the control, and nothing is stored, read or sent. */
  readonly consent?: Consent | undefined;
}

/** What is known of a visitor when a variant is chosen. */
export interface Visitor<C extends object> extends Omit<Identity, 'context' | 'migratedWith'>, Recognisable {
  /** What the key is made of. */
  readonly context: C;
  /** What the rules look at: the context and attributes that are no part of the key. */
  readonly seen: C;
  /** The visitor's pseudonym on the wire: see `unitVersion`. */
  readonly unit: string;
}

/** Who a visitor is in an experiment, by the context and, in Node, by what the request says. */
export interface Identity {
  readonly context: object;
  /** Part of the context as it was before signing in. */
  readonly migratedWith?: object;
  /** Nothing will recognise the visitor next time. */
  readonly isFleeting?: boolean;
  /** Sees the control and is counted nowhere, and why. */
  readonly excludedBy?: string | undefined;
  /** Counted nowhere: a browser that nobody looks into. */
  readonly isUncounted?: boolean;
  /** The variant that a link asks for. */
  readonly forced?: string | undefined;
}

export type Identify = (request: VisitorRequest | undefined, name: string, context: object) => Identity;

export interface VisitorDeps {
  readonly hmac: Hmac;
  readonly keySecret: string;
  readonly identify: Identify;
  readonly namespace: string;
  readonly unlinkable: boolean | undefined;
}

/** An identity by the context alone. */
export function identifyByContext(_request: VisitorRequest | undefined, _name: string, context: object): Identity {
  return { context };
}

/** What of a definition says how ids become text. */
interface Hashed {
  readonly name: string;
  readonly hashVersion?: HashVersion | undefined;
  readonly unitVersion?: 1 | 2 | undefined;
}

/** @throws InvalidContextError where no key can be made of the context */
export function describeVisitor<C extends object>(
  { hmac, keySecret, identify, namespace, unlinkable }: VisitorDeps,
  { name, hashVersion = 1, unitVersion }: Hashed,
  given: C,
  { request, migratedFrom, migratedWith, attributes, consent = 'granted' }: VisitOptions,
): Visitor<C> {
  const isWelcome = consent === 'granted';
  const identified = isWelcome ? identify(request, name, given) : { context: given, excludedBy: 'consent' };
  const { context, migratedWith: before, ...identity }: Identity = identified;
  const keyOf = (ofContext: object): string => contextKey(hmac, keySecret, name, ofContext, hashVersion);
  const key = keyOf(context);

  return {
    ...identity,
    // The same context, with an id from the cookie at most.
    context: context as C,
    seen: { ...attributes, ...(context as C) },
    key,
    unit: unlinkable || unitVersion === 1 ? key : contextKey(hmac, keySecret, namespace, context, 2),
    keyOf,
    migratedFrom,
    migratedWith: [migratedWith, before],
  };
}
