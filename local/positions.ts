import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** How far each shard has been delivered. */
export interface Positions {
  /** The last delivered sequence number. */
  of: (shardId: string) => string | undefined;
  advance: (shardId: string, sequence: string) => void;
  /** Says that the shard is closed and delivered to its end. */
  finish: (shardId: string) => void;
  isDone: (shardId: string) => boolean;
}

interface Stored {
  delivered: Record<string, string>;
  done: string[];
}

/** Positions that survive a restart, in a JSON file that is always whole. */
export function createPositions(path: string): Positions {
  mkdirSync(dirname(path), { recursive: true });
  const stored: Stored = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as Stored)
    : { delivered: {}, done: [] };

  const save = () => {
    writeFileSync(`${path}.new`, JSON.stringify(stored));
    renameSync(`${path}.new`, path);
  };
  return {
    of: (shardId) => stored.delivered[shardId],
    advance(shardId, sequence) {
      stored.delivered[shardId] = sequence;
      save();
    },
    finish(shardId) {
      stored.done.push(shardId);
      save();
    },
    isDone: (shardId) => stored.done.includes(shardId),
  };
}
