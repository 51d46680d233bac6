import type { Checkpoint, Checkpoints, Generations, ShardLineage } from './ports.ts';
import type { CarriedOver } from './layout-one/layout-one.ts';
import type { Counters, Watermarks } from './counters.ts';
import { compareSequence, type SequenceNumber } from '../contract/sequence-number.ts';

/** Where counting stands for one shard. */
export interface Position {
  /** The served generation. */
  generation: string;
  /** Ancestors of the shard, oldest first, as fields of the watermarks. */
  ancestors: readonly string[];
  /** Of the shard and its ancestors. */
  watermarks: Watermarks;
  /** The shard's own. */
  checkpoint: Checkpoint | undefined;
  /** Shards whose counters Redis has lost in part, oldest first: they are behind their checkpoints. */
  behind: readonly ShardBehind[];
}

export interface ShardBehind {
  shard: string;
  watermark: SequenceNumber | undefined;
  checkpoint: Checkpoint;
}

export interface PositionDeps {
  /** The stream's name: one Redis and one table may serve several. */
  stream: string;
  counters: Pick<Counters, 'readPointer' | 'initPointer' | 'readWatermarks' | 'isOrphaned' | 'replaceOrphaned'>;
  checkpoints: Pick<Checkpoints, 'read'>;
  generations: Generations;
  lineage: ShardLineage;
  /** Carries counters of the layout before over, where there are any. */
  carryOver: () => Promise<CarriedOver>;
  /** Told of a generation that is not served any more, since Redis has lost how far it had counted. */
  onOrphaned?: (generation: string) => void;
}

/** Another process carries counters over at this moment: what needs them waits, and is tried again. */
export class NotCarriedOver extends Error {
  override name = 'NotCarriedOver';
}

/** How a shard is named in watermarks, checkpoints and owners of claims. */
export function shardName(stream: string, shardId: string): string {
  return `${stream}/${shardId}`;
}

/** Streams' names have no '/'. */
export function shardIdOf(shard: string): string {
  return shard.slice(shard.indexOf('/') + 1);
}

/**
 * Reads where a shard stands, after its batch has arrived and never from a cache: Redis may have lost writes since the
 * last batch, and the checkpoint is what shows it.
 */
export async function readPosition(shardId: string, deps: PositionDeps): Promise<Position> {
  const ancestors = (await deps.lineage.ancestorsOf(shardId)).map((id) => shardName(deps.stream, id));
  const shard = shardName(deps.stream, shardId);
  const shards = [...ancestors, shard];
  const { generation, watermarks } = await readServed(shards, deps);
  const checkpoints = await deps.checkpoints.read(shards);

  const behind = findBehind(shards, watermarks, checkpoints);
  return { generation, ancestors, watermarks, checkpoint: checkpoints.get(shard), behind };
}

/**
 * The served generation and its watermarks of some shards. One that has lost all of them is replaced by a new one: going
 * on with it would begin at nothing, and count everything twice.
 */
export async function readServed(
  shards: readonly string[],
  deps: Omit<PositionDeps, 'stream' | 'checkpoints' | 'lineage'>,
): Promise<Pick<Position, 'generation' | 'watermarks'>> {
  const { counters, generations, onOrphaned } = deps;
  const generation = await readGeneration(deps);
  const watermarks = await counters.readWatermarks(generation, shards);
  if (watermarks.size > 0 || !(await counters.isOrphaned(generation))) return { generation, watermarks };
  onOrphaned?.(generation);
  await counters.replaceOrphaned(generation, await generations.next());
  return readServed(shards, deps);
}

/** The shards whose watermark is behind their checkpoint, or missing while there is a checkpoint. */
export function findBehind(
  shards: readonly string[],
  watermarks: Watermarks,
  checkpoints: ReadonlyMap<string, Checkpoint>,
): ShardBehind[] {
  return shards.flatMap((shard) => {
    const watermark = watermarks.get(shard);
    const checkpoint = checkpoints.get(shard);
    if (checkpoint === undefined) return [];
    if (watermark !== undefined && compareSequence(watermark, checkpoint.sequence) >= 0) return [];
    return [{ shard, watermark, checkpoint }];
  });
}

/**
 * A Redis without a pointer holds counters of the layout before, which are carried over, or it is new, or was wiped: its
 * generation takes a number that none has had.
 * @throws NotCarriedOver
 */
export async function readGeneration({
  counters,
  generations,
  carryOver,
}: Pick<PositionDeps, 'counters' | 'generations' | 'carryOver'>): Promise<string> {
  const served = await counters.readPointer();
  if (served !== undefined) return served;
  if ((await carryOver()) === 'unfinished') {
    throw new NotCarriedOver('counters of version 0.1.0 are being carried over: what waits for them is tried again');
  }
  return (await counters.readPointer()) ?? (await counters.initPointer(await generations.next()));
}

/** Every shard after its ancestors. */
export async function oldestFirst(
  shards: readonly string[],
  deps: Pick<PositionDeps, 'lineage' | 'stream'>,
): Promise<string[]> {
  const ordered = new Set<string>();
  for (const shard of [...shards].sort()) {
    for (const ancestor of await ancestorsOf(shard, deps)) if (shards.includes(ancestor)) ordered.add(ancestor);
    ordered.add(shard);
  }
  return [...ordered];
}

export async function ancestorsOf(shard: string, deps: Pick<PositionDeps, 'lineage' | 'stream'>): Promise<string[]> {
  return (await deps.lineage.ancestorsOf(shardIdOf(shard))).map((id) => shardName(deps.stream, id));
}
