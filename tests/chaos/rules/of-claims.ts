import { TOMBSTONE_OWNER } from '../../../shared/counting/ports.ts';
import { isPutInto, withInput } from './commands.ts';
import type { Rule } from './rules.ts';
import { CLAIMS_TABLE } from '../world/tables.ts';

/** Claims are kept a day longer than they must be. */
const DAY_MS = 86_400_000;

const UNCONDITIONAL = {
  ConditionExpression: undefined,
  ExpressionAttributeNames: undefined,
  ExpressionAttributeValues: undefined,
};

/** Everything about who owns a uuid. */
export const claimRules: readonly Rule[] = [
  {
    name: 'a claim compares the window with the time of receipt, not with the clock',
    shownBy: { weather: 'long', seed: 1 },
    breakIt: () => ({
      stores: (stores, { world }) => ({
        ...stores,
        claims: {
          ...stores.claims,
          claim: (requests) => stores.claims.claim(requests.map((request) => ({ ...request, at: world.now() }))),
        },
      }),
    }),
  },
  {
    name: 'a claim outlives its window by the retention of the stream',
    shownBy: { weather: 'long', seed: 1 },
    breakIt: () => ({ retentionMs: -DAY_MS }),
  },
  {
    name: 'a claim whose window is over goes to one of those who want it',
    shownBy: {
      scenario: 'a batch of events that come again after their window',
      mischief: 'another invocation counts the same records',
    },
    breakIt: () => ({
      command: (command) => (isPutInto(CLAIMS_TABLE, command) ? withInput(command, UNCONDITIONAL) : command),
    }),
  },
  {
    name: 'which segments find no place is decided with the claim, once',
    shownBy: { weather: { strangers: 0.5, raiseLimits: 2, accident: 2, replay: 2, deliver: 30 }, seed: 1 },
    breakIt: () => ({
      stores: (stores) => ({
        ...stores,
        claims: {
          ...stores.claims,
          async claim(requests) {
            const owners = requests.map(({ owner }) => owner.split('~'));
            const outcomes = await stores.claims.claim(
              requests.map((request, index) => ({ ...request, owner: owners[index]?.[0] ?? '' })),
            );
            return outcomes.map((outcome, index) => {
              const overflow = owners[index]?.[1];
              return outcome === 'owned' && overflow !== undefined ? (`owned~${overflow}` as const) : outcome;
            });
          },
        },
      }),
    }),
  },
  {
    name: 'what is refused is claimed for nobody, so that nobody else decides otherwise',
    shownBy: { weather: { strangers: 0.5, raiseLimits: 2, accident: 2, deliver: 30 }, seed: 5 },
    breakIt: () => ({
      stores: (stores, { world }) => ({
        ...stores,
        claims: {
          ...stores.claims,
          async claim(requests) {
            const outcomes = await stores.claims.claim(requests.filter(({ owner }) => owner !== TOMBSTONE_OWNER));
            return requests.map((request) => {
              if (request.owner !== TOMBSTONE_OWNER) return outcomes.shift() ?? 'unsettled';
              if (world.tables.ownersOf(request.id).length > 0) return 'duplicate';
              world.tables.noteOwner(request.id, request.owner);
              return 'owned';
            });
          },
        },
      }),
    }),
  },
  {
    name: 'a claim is owned by a record, so that a retry finds its own',
    shownBy: { weather: {}, seed: 1 },
    breakIt: () => {
      let claims = 0;
      return {
        stores: (stores) => ({
          ...stores,
          claims: {
            ...stores.claims,
            claim: (requests) =>
              stores.claims.claim(
                requests.map((request) => ({ ...request, owner: `${(claims += 1)} ${request.owner}` })),
              ),
          },
        }),
      };
    },
  },
  {
    name: 'copies in one batch are tried in order until one is ours',
    shownBy: { weather: 'long', seed: 5 },
    breakIt: () => ({
      stores(stores) {
        const firstOf = new Map<string, string>();
        return {
          ...stores,
          claims: {
            ...stores.claims,
            async claim(requests) {
              const isFirst = requests.map(({ id, owner }) => {
                const key = Buffer.from(id).toString('hex');
                if (!firstOf.has(key)) firstOf.set(key, owner);
                return firstOf.get(key) === owner;
              });
              const outcomes = await stores.claims.claim(requests.filter((_, index) => isFirst[index]));
              return isFirst.map((first) => (first ? (outcomes.shift() ?? 'unsettled') : 'duplicate'));
            },
          },
        };
      },
    }),
  },
];
