import { expect, test } from '@jest/globals';
import { runChecks } from '../../../cli/preflight/finding.ts';
import { checkOwner, type PlaceInRedis } from '../../../cli/preflight/redis-owner.ts';

const OURS = { id: 'ours', stateTable: 'mem-prod-state' };
const THEIRS = { id: 'theirs', stateTable: 'mem-old-state' };

/** [what is in Redis, the installation's id, deployed?, what preflight says] */
const CASES: [string, PlaceInRedis, string, boolean, string][] = [
  ['free for a new stage', { owner: undefined, generation: undefined }, '', false, 'ok'],
  ['its own', { owner: OURS, generation: 'g1' }, 'ours', true, 'ok'],
  ['of the version before owners', { owner: undefined, generation: 'g1' }, 'ours', true, 'ok'],
  ['that is not the one it counted in', { owner: undefined, generation: undefined }, 'ours', true, 'warning'],
  ['its own, and wiped', { owner: OURS, generation: undefined }, 'ours', true, 'warning'],
  ['of somebody else', { owner: THEIRS, generation: 'g1' }, 'ours', true, 'problem'],
  ['that a removed stage has left', { owner: THEIRS, generation: 'g1' }, '', false, 'problem'],
  ['of somebody before owners', { owner: undefined, generation: 'g1' }, '', false, 'problem'],
];

test.each(CASES)('a place in Redis %s', async (_, place, id, isDeployed, status) => {
  const [finding] = await runChecks([
    checkOwner({
      isDeployed,
      installation: () => Promise.resolve({ id, prefix: '{mem:prod}', hasCounted: isDeployed }),
      readPlace: () => Promise.resolve(place),
    }),
  ]);
  expect(finding).toMatchObject({ check: 'Redis owner', status, found: expect.stringContaining('{mem:prod}') });
});
