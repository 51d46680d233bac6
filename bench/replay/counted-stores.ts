import type { AllStores } from '../../shared/stores/connect.ts';

/** What was asked of DynamoDB for events: a unit of each kind is one item of up to a kilobyte (four, read). */
export interface ClaimUnits {
  writes: number;
  reads: number;
}

/** The same stores, with the units of their claims counted. */
export function countClaimUnits(stores: AllStores): { stores: AllStores; units: ClaimUnits } {
  const units: ClaimUnits = { writes: 0, reads: 0 };
  const { claims } = stores;
  return {
    units,
    stores: {
      ...stores,
      claims: {
        claim(requests) {
          units.writes += requests.length; // a refused conditional write costs as much
          return claims.claim(requests);
        },
        readOwners(ids) {
          units.reads += ids.length;
          return claims.readOwners(ids);
        },
      },
    },
  };
}
