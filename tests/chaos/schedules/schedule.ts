import type { StreamEvent } from '../../../shared/contract/event.ts';
import type { Limits } from '../../../shared/contract/limits.ts';
import type { Accident } from '../world/tasks.ts';

/**
 * What happens in the world, one step after the other. A step still means something when others before it are left out,
 * which is what makes schedules shrink: tasks and snapshots have numbers, and a step about one that does not exist
 * does nothing; a shard is named by a fraction of those that there are.
 */
export type Step =
  /** A request is acknowledged; some of its records twice, as after a PutRecords without an answer. */
  | { do: 'put'; events: StreamEvent[]; key: string; twice: boolean }
  /** Somebody puts a visitor's event under a key that is not the visitor's, and so into any shard. */
  | { do: 'put astray'; events: StreamEvent[]; key: string }
  /** A record that nobody can read. */
  | { do: 'put garbage'; key: string }
  /** A batch goes to the consumer. A task that was on that shard is given up: it goes on as a zombie. */
  | { do: 'deliver'; name: number; shard: number; size: number; back: number; hurry: number }
  | { do: 'heal'; name: number }
  /** Settled events go into files of the log. */
  | { do: 'archive'; name: number }
  /** What the state table remembers of the log is lost. */
  | { do: 'forget positions' }
  | { do: 'replay'; name: number; dryRun: boolean; resume: boolean; acceptLoss: boolean; fromMsAgo?: number }
  /** Lets a task make so many calls, the last of them with an accident. */
  | { do: 'run'; task: number; calls: number; accident?: Accident }
  | { do: 'split'; shard: number }
  | { do: 'merge'; shard: number }
  /** By somebody whose clock is so far ahead. */
  | { do: 'delete'; name: number; experiment: number; clockMs?: number }
  /** The places of what was deleted are given back. */
  | { do: 'release'; experiment: number }
  /** Somebody writes a definition of an experiment that strangers send. */
  | { do: 'define'; experiment: string }
  /** A release of ours has higher limits. */
  | { do: 'raise limits' }
  /** Another release is deployed, which knows records up to this version. */
  | { do: 'deploy'; newestRecord: number }
  | { do: 'pass'; ms: number }
  /** Redis writes to its disk… */
  | { do: 'snapshot'; name: number }
  /** …and is restarted from what it wrote some time ago. */
  | { do: 'roll back'; to: number }
  | { do: 'wipe' }
  /** Redis loses one key alone, as one that evicts keys does. */
  | { do: 'lose key'; key: 'watermarks' | 'watermarks of a replay' | 'pointer' }
  /** Everything is delivered and healed, without any accident; what is older than retention leaves the stream. */
  | { do: 'settle' }
  | { do: 'trim' }
  /** The same, and time passes between the two; archivers that stand still do so all the while. */
  | { do: 'grow old'; archived: boolean; ms: number }
  /** For longer than the stream keeps records nothing is delivered; what is lost so counts nowhere. */
  | { do: 'outage' };

export interface Schedule {
  seed: number;
  shards: number;
  steps: Step[];
  /** Those of the product where none are given. */
  limits?: Limits;
  /** Whether there is an event log. */
  log?: boolean;
}

/** One line for each step, for people. */
export function describeStep(step: Step): string {
  const details = Object.entries(step).filter(([key, value]) => key !== 'do' && key !== 'events' && value !== false);
  const events = step.do === 'put' || step.do === 'put astray' ? ` ${step.events.map(describeEvent).join(', ')}` : '';
  return `${step.do} ${details.map(([key, value]) => `${key}=${shorten(value)}`).join(' ')}${events}`.trimEnd();
}

function describeEvent({ experiment, variant, event, uuid, unit, value }: StreamEvent): string {
  const who = unit === undefined ? '' : ` of ${unit}`;
  const worth = value === undefined ? '' : ` worth ${value}`;
  return `${experiment}/${variant}/${event}#${uuid}${who}${worth}`;
}

function shorten(value: unknown): string {
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(3) : String(value);
}

export function eventCount({ steps }: Schedule): number {
  return steps.reduce((sum, step) => sum + ('events' in step ? step.events.length : 0), 0);
}
