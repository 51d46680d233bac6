import type { ShardLineage, StreamLineage } from '../ports.ts';
import { UnusableLogFile, type EventLog } from './event-log.ts';
import { shardIdOf, shardName } from '../position.ts';

/**
 * The stream forgets shards some time after they were closed; the event log remembers from which ones each came.
 * @param stream the stream's name
 */
export function createLineage(
  stream: string,
  lineage: StreamLineage,
  log: Pick<EventLog, 'begins' | 'header'>,
): ShardLineage {
  const logged = new Map<string, readonly string[]>();

  async function loggedAncestors(shardId: string): Promise<readonly string[]> {
    const known = logged.get(shardId);
    if (known) return known;
    const ancestors = (await readAncestors(shardName(stream, shardId), log)).map(shardIdOf);
    logged.set(shardId, ancestors);
    return ancestors;
  }

  return {
    async ancestorsOf(shardId) {
      const ancestors = new Set<string>();
      for (const id of [...(await lineage.ancestorsOf(shardId)), shardId]) {
        if (!lineage.isListed(id)) for (const older of await loggedAncestors(id)) ancestors.add(older);
        if (id !== shardId) ancestors.add(id);
      }
      return [...ancestors];
    },
  };
}

/** Files that cannot be used are told where their rows are wanted; nobody waits for them here. */
async function readAncestors(shard: string, log: Pick<EventLog, 'begins' | 'header'>): Promise<readonly string[]> {
  try {
    const begins = await log.begins(shard);
    if (begins.length === 0) return [];
    return (await log.header(shard, begins[0]))?.ancestors ?? [];
  } catch (error) {
    if (error instanceof UnusableLogFile) return [];
    throw error;
  }
}
