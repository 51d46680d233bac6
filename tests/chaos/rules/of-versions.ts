import type { Role } from '../world/world.ts';
import type { Rule } from './rules.ts';

/** Releases that know different versions of stream records, on the same stores. */
export const versionRules: readonly Rule[] = [
  {
    name: 'a record of a newer version waits, and is no unreadable one',
    shownBy: { weather: { deploy: 4, visitorGoals: 0.5 }, seed: 1 },
    breakIt: () => withoutNewer(['consumer']),
  },
  {
    name: 'what a newer version has counted is not counted again without it',
    shownBy: { weather: { deploy: 4, visitorGoals: 0.5, rollBack: 6, snapshot: 10, heal: 8 }, seed: 2 },
    breakIt: () => withoutNewer(['heal', 'replay']),
  },
];

/** Nobody has said that there may be records of a version that is not known. */
function withoutNewer(roles: readonly Role[]): ReturnType<Rule['breakIt']> {
  return {
    stores: (stores, { role }) =>
      roles.includes(role) ? { ...stores, formats: { ...stores.formats, highest: () => Promise.resolve(0) } } : stores,
  };
}
