import { hmacSha256 } from '../hash/hmac.ts';
import { identifyByCookie } from '../visitor/visitor-cookie.ts';
import type { VisitorRequest } from '../visitor/visitor-request.ts';
import type { Configuration } from './configuration.ts';

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

/** The context of one experiment while it is being put together. */
export const createExperimentContext = (name: string, { contextHash, cookie }: Configuration) => {
  const migratedFrom: object[] = [];
  const migratedWith: object[] = [];
  let values: object = {};

  return {
    values: (): object => values,

    merge({ request, migrated_from, migrated_with, ...given }: ContextInput): void {
      values = { ...values, ...given };
      if (migrated_from) migratedFrom.push(migrated_from);
      if (migrated_with) migratedWith.push(migrated_with);
      if (!request || !cookie) return;

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
};
