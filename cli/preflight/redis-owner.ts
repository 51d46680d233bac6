import type { Installation } from '../../shared/stores/dynamodb/installation.ts';
import type { Check, Finding } from './finding.ts';

/** What lies in Redis where an installation counts, or would. */
export interface PlaceInRedis {
  owner: { id: string; stateTable: string } | undefined;
  /** Undefined where nothing has been counted. */
  generation: string | undefined;
}

export interface OwnerToCheck {
  installation: () => Promise<Stage>;
  readPlace: (prefix: string) => Promise<PlaceInRedis>;
  isDeployed: boolean;
}

/** The installation; its id is '' before it has used its Redis. */
type Stage = Pick<Installation, 'id' | 'prefix'> & { hasCounted: boolean };

/** Nobody else's counters are where this installation counts, and its own are. */
export function checkOwner({ installation, readPlace, isDeployed }: OwnerToCheck): Check {
  return {
    name: 'Redis owner',
    async look() {
      const stage = await installation();
      return judgeOwner(stage, await readPlace(stage.prefix), isDeployed);
    },
  };
}

function judgeOwner(
  { id, prefix, hasCounted }: Stage,
  { owner, generation }: PlaceInRedis,
  isDeployed: boolean,
): Omit<Finding, 'check'> {
  if (owner !== undefined && owner.id !== id) {
    return {
      status: 'problem',
      found: `${prefix} holds the counters of another installation (state table ${owner.stateTable})`,
      advice:
        'mem configure --set redisPrefix={mem:another-name}, or another Redis; to take the place over once this stage is deployed: mem redis take --help',
    };
  }
  if (generation === undefined) {
    return hasCounted
      ? {
          status: 'warning',
          found: `${prefix} is empty: this Redis holds nothing that this stage has counted`,
          advice: 'what the stream still holds (retentionHours) will be counted again; what is older is lost here',
        }
      : { status: 'ok', found: `${prefix} is free` };
  }
  if (owner !== undefined) return { status: 'ok', found: `${prefix} is this stage's own` };
  return isDeployed
    ? { status: 'ok', found: `${prefix} holds counters without an owner: this stage takes them if it made them` }
    : {
        status: 'problem',
        found: `${prefix} holds counters, and nothing says whose`,
        advice: 'mem configure --set redisPrefix={mem:another-name}, or another Redis',
      };
}

/** Asks a Redis once. @throws Error of the connection */
export async function readPlace(url: string, cluster: boolean, prefix: string): Promise<PlaceInRedis> {
  const [{ connectCluster, connectRedis }, { createRedisKeys }] = await Promise.all([
    import('../../shared/stores/redis/client.ts'),
    import('../../shared/stores/redis/keys.ts'),
  ]);
  const redis = (cluster ? connectCluster : connectRedis)(url, () => undefined);
  try {
    const keys = createRedisKeys(prefix);
    const [owner, pointer, older] = await redis.mget(keys.owner, keys.pointer, keys.layoutOnePointer);
    const [id = '', stateTable = ''] = owner?.split(' ') ?? [];
    const generation = pointer ?? older ?? undefined;
    return { owner: (owner ?? null) === null ? undefined : { id, stateTable }, generation };
  } finally {
    redis.disconnect();
  }
}
