import { hmacSha256 } from '../key/sha256.ts';
import { identifyByCookie } from '../visitor/visitor-cookie.ts';
import type { CookieSettings } from '../visitor/visitor-cookie.ts';
import { refusesTracking } from '../visitor/visitor-request.ts';
import type { VisitorRequest } from '../visitor/visitor-request.ts';

/** An experiment's arguments: the variant may be left out, as may all that follows the name. */
export type ExperimentArguments<Block> =
  | [name: string, context?: ContextInput, block?: Block]
  | [name: string, block?: Block]
  | [name: string, variant: string | undefined, context?: ContextInput, block?: Block]
  | [name: string, variant: string | undefined, block?: Block];

export interface NamedArguments<Block> {
  readonly name: string;
  readonly variant: string | undefined;
  readonly context: ContextInput;
  readonly block: Block | undefined;
}

/** Tells the arguments apart by their kinds. */
export function readArguments<Block extends (...given: never[]) => unknown>([
  name,
  ...others
]: ExperimentArguments<Block>): NamedArguments<Block> {
  const named = { name, variant: undefined as string | undefined, context: {}, block: undefined as Block | undefined };
  for (const argument of others) {
    if (typeof argument === 'string') named.variant = argument;
    else if (typeof argument === 'function') named.block = argument;
    else if (argument) named.context = argument;
  }
  return named;
}

/** What a visitor is recognised by, and three names with a meaning of their own. */
export interface ContextInput {
  /** Lets a visitor without `user_id` be recognised by a cookie. */
  readonly request?: VisitorRequest;
  /** A whole context by which the visitor was known before. */
  readonly migrated_from?: object;
  /** The part of the context that was different before. */
  readonly migrated_with?: object;
  readonly [name: string]: unknown;
}

export interface ContextKeys {
  readonly key: string;
  /** Absent if there was no migration. */
  readonly migrationKeys?: readonly string[];
}

export interface ContextSettings {
  /** The key of a context in the experiment of this full name. */
  readonly contextHash: (context: object, name: string) => string;
  /** Without it no cookie is read or written. */
  readonly cookie: CookieSettings | undefined;
}

/** The context of one experiment while it is being put together. */
export function createExperimentContext(name: string, { contextHash, cookie }: ContextSettings) {
  const migratedFrom: object[] = [];
  const migratedWith: object[] = [];
  let values: object = {};
  let isExcluded = false;

  return {
    values: (): object => values,
    /** Whether the visitor has Do Not Track or Global Privacy Control set. */
    isExcluded: (): boolean => isExcluded,

    merge({ request, migrated_from, migrated_with, ...given }: ContextInput): void {
      values = { ...values, ...given };
      if (migrated_from) migratedFrom.push(migrated_from);
      if (migrated_with) migratedWith.push(migrated_with);
      isExcluded ||= request !== undefined && refusesTracking(request);
      if (!request || !cookie || isExcluded) return;

      const identified = identifyByCookie(request, values, { hmac: hmacSha256, cookie, name, idKey: 'user_id' });
      values = identified.context;
      if (identified.migratedWith) migratedWith.push(identified.migratedWith);
    },

    /** Computed late: what a part migrates into is the final context. */
    keys(): ContextKeys {
      const migrated = [...migratedFrom, ...migratedWith.map((part) => ({ ...values, ...part }))];
      return {
        key: contextHash(values, name),
        ...(migrated.length > 0 && { migrationKeys: migrated.map((earlier) => contextHash(earlier, name)) }),
      };
    },
  };
}
