import type { Counters } from '../stores/redis/counters.ts';
import type { ShardLineage } from '../stores/kinesis/lineage.ts';
import type { Checkpoints } from '../stores/dynamodb/checkpoints.ts';
import { catchUp, type CatchUpDeps } from './catch-up.ts';
import { findBehind, readGeneration, shardIdOf, shardName, type PositionDeps, type ShardBehind } from './position.ts';

export interface HealDeps extends CatchUpDeps, Pick<PositionDeps, 'stream' | 'generations'> {
  counters: Counters;
  checkpoints: Pick<Checkpoints, 'read' | 'readAll'>;
  lineage: ShardLineage;
  /** Told how many shards are behind, before anything is done about it. */
  onBehind: (shards: number) => void;
  /** Told how many records a shard got back. */
  onHealed: (healed: { shard: string; result: 'done' | 'unfinished' | 'moved' }) => void;
}

/**
 * Brings shards of the served generation, oldest first, back to their checkpoints.
 * @returns false where the time did not suffice, or somebody else is at it
 */
export async function healShards(
  behind: readonly ShardBehind[],
  generation: string,
  deps: HealDeps,
  timeLeft: () => number,
): Promise<boolean> {
  for (const { shard, checkpoint } of behind) {
    const ancestors = await ancestorsOf(shard, deps);
    const watermarks = await deps.counters.readWatermarks(generation, [...ancestors, shard]);
    // Redis may have lost writes once more: a shard is never counted before what its ancestors held.
    const lostAgain = findBehind(ancestors, watermarks, await deps.checkpoints.read(ancestors));
    if (lostAgain.length > 0) return false;
    const target = { shard, pointer: generation, generation, ancestors, watermarks, respectHold: true };
    const goal = { until: checkpoint.sequence, first: checkpoint.first };
    const result = await catchUp(target, goal, deps, timeLeft);
    deps.onHealed({ shard, result });
    if (result !== 'done') return false;
  }
  return true;
}

/**
 * Looks after every shard that was ever counted, also those that are idle or closed and so deliver no batch that would
 * notice: if Redis has lost their last writes, they are counted again.
 */
export async function healAll(deps: HealDeps, timeLeft: () => number): Promise<boolean> {
  const checkpoints = await deps.checkpoints.readAll(deps.stream);
  if (checkpoints.size === 0) return true;
  const shards = await oldestFirst([...checkpoints.keys()], deps);
  const generation = await readGeneration(deps);
  const watermarks = await deps.counters.readWatermarks(generation, shards);
  const behind = findBehind(shards, watermarks, checkpoints);
  deps.onBehind(behind.length);
  return healShards(behind, generation, deps, timeLeft);
}

/** Every shard after its ancestors. */
export async function oldestFirst(
  shards: readonly string[],
  deps: Pick<HealDeps, 'lineage' | 'stream'>,
): Promise<string[]> {
  const ordered = new Set<string>();
  for (const shard of [...shards].sort()) {
    for (const ancestor of await ancestorsOf(shard, deps)) if (shards.includes(ancestor)) ordered.add(ancestor);
    ordered.add(shard);
  }
  return [...ordered];
}

export async function ancestorsOf(shard: string, deps: Pick<HealDeps, 'lineage' | 'stream'>): Promise<string[]> {
  return (await deps.lineage.ancestorsOf(shardIdOf(shard))).map((id) => shardName(deps.stream, id));
}
