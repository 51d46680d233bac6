import type { Counters } from './counters.ts';
import type { ShardLineage, Checkpoints } from './ports.ts';
import { catchUp, type CatchUpDeps } from './catch-up.ts';
import { noteEnds, type EndDeps } from './gap.ts';
import { ancestorsOf, findBehind, oldestFirst, readServed, type PositionDeps, type ShardBehind } from './position.ts';

export interface RecoverDeps
  extends CatchUpDeps, EndDeps, Pick<PositionDeps, 'stream' | 'generations' | 'carryOver' | 'onOrphaned'> {
  counters: Counters;
  checkpoints: Pick<Checkpoints, 'read' | 'readAll' | 'sawEnd'>;
  lineage: ShardLineage;
  /** Told how many shards are behind, before anything is done about it. */
  onBehind: (shards: number) => void;
  /** Told how many records a shard got back. */
  onRecovered: (recovered: { shard: string; result: 'done' | 'unfinished' | 'moved' }) => void;
}

/**
 * Brings shards of the served generation, oldest first, back to their checkpoints.
 * @returns false where the time did not suffice, or somebody else is at it
 */
export async function recoverShards(
  behind: readonly ShardBehind[],
  generation: string,
  deps: RecoverDeps,
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
    deps.onRecovered({ shard, result });
    if (result !== 'done') return false;
  }
  return true;
}

/**
 * Looks after every shard that was ever counted, also those that are idle or closed and so deliver no batch that would
 * notice: if Redis has lost their last writes, they are counted again.
 */
export async function recoverAll(deps: RecoverDeps, timeLeft: () => number): Promise<boolean> {
  const checkpoints = await deps.checkpoints.readAll(deps.stream);
  if (checkpoints.size === 0) return true;
  const shards = await oldestFirst([...checkpoints.keys()], deps);
  const { generation, watermarks } = await readServed(shards, deps);
  const behind = findBehind(shards, watermarks, checkpoints);
  deps.onBehind(behind.length);
  const isRecovered = await recoverShards(behind, generation, deps, timeLeft);
  if (isRecovered) await noteEnds(checkpoints, deps);
  return isRecovered;
}
