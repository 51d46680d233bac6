import type { ShardLineage, StreamLineage } from '../ports.ts';
import { UnusableLogFile, type EventLog } from './event-log.ts';
import { shardIdOf, shardName } from '../position.ts';

type Log = Pick<EventLog, 'begins' | 'header' | 'shards'>;

/**
 * The stream forgets shards some time after they were closed; the event log remembers from which ones each came.
 * @param stream the stream's name
 */
export function createLineage(stream: string, lineage: StreamLineage, log: Log): ShardLineage {
  const logged = new Map<string, readonly string[]>();

  /** Undefined for a shard without files. */
  async function loggedAncestors(shardId: string): Promise<readonly string[] | undefined> {
    const known = logged.get(shardId);
    if (known) return known;
    const ancestors = (await readAncestors(shardName(stream, shardId), log))?.map(shardIdOf);
    if (ancestors) logged.set(shardId, ancestors);
    return ancestors;
  }

  /** A shard without records has no files, and is forgotten altogether: any that has left the stream may be before it. */
  async function allThatLeft(): Promise<string[]> {
    const shards = (await log.shards()).filter((shard) => shard.startsWith(`${stream}/`));
    return shards.map(shardIdOf).filter((shardId) => !lineage.isListed(shardId));
  }

  async function forgottenAncestors(shardId: string, forgotten: readonly string[]): Promise<readonly string[]> {
    const own = await loggedAncestors(shardId);
    if (own) return own;
    const found = await Promise.all(forgotten.map(loggedAncestors));
    return found.includes(undefined) ? allThatLeft() : found.flatMap((ancestors) => ancestors ?? []);
  }

  return {
    async ancestorsOf(shardId) {
      const known = await lineage.ancestorsOf(shardId);
      const forgotten = [...known, shardId].filter((id) => !lineage.isListed(id));
      if (forgotten.length === 0) return known;
      const older = await forgottenAncestors(shardId, forgotten);
      return [...new Set([...older, ...known])].filter((id) => id !== shardId);
    },
  };
}

/** Files that cannot be used are told where their rows are wanted; nobody waits for them here. */
async function readAncestors(shard: string, log: Log): Promise<readonly string[] | undefined> {
  try {
    const begins = await log.begins(shard);
    if (begins.length === 0) return undefined;
    return (await log.header(shard, begins[0]))?.ancestors ?? [];
  } catch (error) {
    if (error instanceof UnusableLogFile) return [];
    throw error;
  }
}
