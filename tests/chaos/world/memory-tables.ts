import type {
  Checkpoint,
  Checkpoints,
  ClaimOutcome,
  ClaimRequest,
  Claims,
  Deletions,
  Generations,
  Loss,
  Losses,
  Quarantine,
} from '../../../shared/counting/ports.ts';
import { FIRST_INCARNATION, type Incarnation } from '../../../shared/contract/experiment-id.ts';
import { padSequence } from '../../../shared/contract/sequence-number.ts';

export const CLAIM_WINDOW_MS = 30 * 86_400_000;
export const RETENTION_MS = 7 * 86_400_000;

interface Claim {
  owner: string;
  windowEnds: number;
  expiresAt: number;
  /** How many claims were made before it. */
  age: number;
}

/** The claims table, and what only a test may see of it. */
export interface MemoryClaims extends Claims {
  /** Every owner that an id has ever had, in order. */
  ownersOf: (id: Uint8Array) => readonly string[];
  /** Owners as an eventually consistent read may answer them: without the newest claims. */
  readOwnersStale: Claims['readOwners'];
  /** Notes an owner that the table forgets at once. */
  note: (request: ClaimRequest) => void;
}

/** @param keepMs how long a claim is kept after its window, before DynamoDB's TTL removes it */
export function createMemoryClaims(now: () => number, keepMs = RETENTION_MS + 86_400_000): MemoryClaims {
  const claims = new Map<string, Claim>();
  const owners = new Map<string, string[]>();
  let made = 0;

  function read(id: string): Claim | undefined {
    const claim = claims.get(id);
    if (claim && claim.expiresAt < now()) claims.delete(id);
    return claims.get(id);
  }

  function claim({ id, owner, at }: ClaimRequest): ClaimOutcome {
    const key = keyOf(id);
    const present = read(key);
    if (present && present.owner !== owner && present.windowEnds >= at) return 'duplicate';
    if (present?.owner !== owner) owners.set(key, [...(owners.get(key) ?? []), owner]);
    const windowEnds = at + CLAIM_WINDOW_MS;
    claims.set(key, { owner, windowEnds, expiresAt: windowEnds + keepMs, age: (made += 1) });
    return 'owned';
  }

  const NEWEST = 40;
  return {
    claim: (requests) => Promise.resolve(requests.map(claim)),
    readOwners: (ids) => Promise.resolve(ids.map((id) => read(keyOf(id))?.owner ?? '')),
    readOwnersStale: (ids) =>
      Promise.resolve(
        ids.map((id) => {
          const found = read(keyOf(id));
          return found && found.age + NEWEST < made ? found.owner : '';
        }),
      ),
    note({ id, owner }) {
      const key = keyOf(id);
      owners.set(key, [...(owners.get(key) ?? []), owner]);
    },
    ownersOf: (id) => owners.get(keyOf(id)) ?? [],
  };
}

function keyOf(id: Uint8Array): string {
  return Buffer.from(id).toString('hex');
}

/** The checkpoints, and what only a test may see of them. */
export interface MemoryCheckpoints extends Checkpoints {
  get: (shard: string) => Checkpoint | undefined;
  /** As an eventually consistent read may answer: each as it was before its last move. */
  readStale: Checkpoints['read'];
  /** Writes without the condition. */
  overwrite: Checkpoints['advance'];
}

export function createMemoryCheckpoints(): MemoryCheckpoints {
  const checkpoints = new Map<string, Checkpoint>();
  const before = new Map<string, Checkpoint | undefined>();

  const overwrite: Checkpoints['advance'] = (shard, sequence, first) => {
    const present = checkpoints.get(shard);
    before.set(shard, present);
    checkpoints.set(shard, { sequence, first: present?.first ?? first });
    return Promise.resolve();
  };
  const pick = (from: ReadonlyMap<string, Checkpoint | undefined>, shards: readonly string[]) =>
    Promise.resolve(
      new Map(
        shards.flatMap((shard) => {
          const checkpoint = from.get(shard);
          return checkpoint ? [[shard, checkpoint] as const] : [];
        }),
      ),
    );
  return {
    read: (shards) => pick(checkpoints, shards),
    readStale: (shards) => pick(before, shards),
    readAll: (stream) =>
      pick(
        checkpoints,
        [...checkpoints.keys()].filter((shard) => shard.startsWith(`${stream}/`)),
      ),
    advance: (shard, sequence, first) => {
      const present = checkpoints.get(shard);
      if (present && padSequence(present.sequence) >= padSequence(sequence)) return Promise.resolve();
      return overwrite(shard, sequence, first);
    },
    overwrite,
    get: (shard) => checkpoints.get(shard),
  };
}

export interface MemoryDeletions extends Pick<Deletions, 'read' | 'readAll'> {
  get: (name: string) => Incarnation;
  /** Ends the present incarnation at a time that has not come yet. */
  mark: (name: string, since: number) => void;
}

export function createMemoryDeletions(): MemoryDeletions {
  const marks = new Map<string, Incarnation>();
  const get = (name: string) => marks.get(name) ?? FIRST_INCARNATION;
  return {
    get,
    readAll: () => Promise.resolve(marks),
    mark: (name, since) => marks.set(name, { number: get(name).number + 1, since }),
    read: (names) => Promise.resolve(new Map(names.flatMap((name) => (marks.has(name) ? [[name, get(name)]] : [])))),
  };
}

export function createMemoryLosses(): Losses & { all: () => Loss[] } {
  const losses = new Map<string, Loss>();
  return {
    record(loss) {
      losses.set(`${loss.generation}/${loss.shard}/${loss.from}`, loss);
      return Promise.resolve();
    },
    read: (generation) => Promise.resolve([...losses.values()].filter((loss) => loss.generation === generation)),
    all: () => [...losses.values()],
  };
}

export function createMemoryGenerations(): Generations {
  let last = 0;
  return { next: () => Promise.resolve(`g${(last += 1)}`) };
}

export function createMemoryQuarantine(): Pick<Quarantine, 'put'> & { kept: ReadonlySet<string> } {
  const kept = new Set<string>();
  return {
    kept,
    put({ shard, sequence }) {
      kept.add(`${shard}/${sequence}`);
      return Promise.resolve();
    },
  };
}
