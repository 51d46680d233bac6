import type { Redis } from 'ioredis';
import type { consume } from '../../../shared/counting/consume.ts';
import { createCodeMemory, type CodeMemory } from '../../../shared/counting/visitors/count-events.ts';
import type { fold } from '../../../shared/counting/visitors/fold.ts';
import type { ReplayDeps } from '../../../shared/counting/replay.ts';
import { digestCode, type CodeOf } from '../../../shared/counting/visitors/codes.ts';
import type { Definitions, NameLists, Quarantine } from '../../../shared/counting/ports.ts';
import type { Command } from '../../support/dynamodb/memory-dynamodb.ts';
import type { RecordFormats } from '../../../shared/counting/ports.ts';
import { VERSIONS } from '../../../shared/contract/versions.ts';
import type { SequenceNumber } from '../../../shared/contract/sequence-number.ts';
import { shardName } from '../../../shared/counting/position.ts';
import { createNameCache, type NameCache } from '../../../shared/counting/limits/name-registry.ts';
import { DEFAULT_LIMITS, type Limits } from '../../../shared/contract/limits.ts';
import { createMapping, type Mapping } from './mapping.ts';
import { createMemoryStream, type MemoryStream } from './memory-stream.ts';
import type { AcknowledgedEvent } from '../laws/oracle.ts';
import { createRedisBox, type RedisBox, type Snapshot } from './redis-box.ts';
import { createTables, type Tables } from './tables.ts';
import type { Gate, Task } from './tasks.ts';
import { createMemoryObjects, type MemoryObjects } from '../../support/log/memory-objects.ts';
import type { ArchivePositions } from '../../../shared/counting/log/archive.ts';

/** The stores as a task uses them. */
export type SimStores = Omit<ReplayDeps, 'onPage' | 'say' | 'countEvents'> & {
  quarantine: Pick<Quarantine, 'put'>;
  nameLists: NameLists;
  definitions: Definitions;
  positions: ArchivePositions;
  formats: RecordFormats;
};

/** Who uses the stores: catching up inside the consumer counts as `heal`. */
export type Role = 'consumer' | 'heal' | 'replay' | 'operator' | 'archiver';

/** A rule taken out: the product's own code, with commands, stores or functions that break one promise. */
export interface Mutation {
  /** What DynamoDB gets instead of a command: one without its condition, for example. */
  command?: (command: Command, role: Role) => Command;
  /** Called once for each task and role. */
  stores?: (stores: SimStores, use: { role: Role; world: World; gate: Gate }) => SimStores;
  consume?: typeof consume;
  fold?: typeof fold;
  /** Whether somebody waits where the product does. */
  waits?: (role: Role) => boolean;
  /** From what age of a record on a consumer looks whether others behind it are gone. */
  gapAfterMs?: number;
  /** The time that deletions go by. @param own the clock of whoever asks */
  storeNow?: (own: () => number) => Promise<number>;
  /** For how long the stream is said to keep its records: so much longer than its window is a claim kept. */
  retentionMs?: number;
}

/** Somebody asks for an experiment to be forgotten. */
export interface DeletionRequest {
  /** See experimentName(). */
  name: string;
  askedAt: number;
  /** Missing while there is no answer. */
  answeredAt?: number;
}

export interface World {
  stream: MemoryStream;
  /** The files of the event log; missing where it is off. */
  objects?: MemoryObjects;
  tables: Tables;
  box: RedisBox;
  mapping: Mapping;
  tasks: Task[];
  snapshots: Map<number, Snapshot>;
  /** What a wiped Redis is: empty, until records have left the stream. */
  base: Snapshot;
  now: () => number;
  pass: (ms: number) => void;
  /** Until when a replay makes deliveries wait; Redis' own expiry knows only the real clock. */
  holdUntil: number;
  /** Generations that replays began, the newest last. */
  replays: string[];
  acknowledged: AcknowledgedEvent[];
  /** How often everything that was acknowledged had been counted. */
  settled: number;
  /** Shards of which records left the stream before they were delivered, and what had been counted of them. */
  outages: { shard: string; after: SequenceNumber }[];
  /** Whether nothing was delivered for longer than the stream keeps records. */
  hadOutage: boolean;
  deletions: DeletionRequest[];
  garbage: number;
  /** Records, `stream/shard/sequence`, of which the consumer has told that it could not keep them. */
  unkept: Set<string>;
  /** Calls of stores by tasks that are over. */
  calls: Map<number, number>;
  /** Laws broken on the way, whatever the counters are in the end. */
  broken: string[];
  mutation: Mutation;
  /** Up to which version processes that start now can read records: releases take turns. */
  newestRecord: number;
  /** Whether the archiver was once not there for so long, or forgot so much, that it cannot tell what an idle shard had. */
  archiverSlept: boolean;
  /** When the archiver last went through all shards without an accident. */
  archivedAt: number;
  limits: Limits;
  /** What the processes remember in which consumers run. */
  processes: readonly NameCache[];
  /** What the same processes remember of dictionaries. */
  codes: readonly CodeMemory[];
  /** Experiments with a definition that says nothing more. */
  defined: Set<string>;
  /** Whether a name may find a place that it once did not find. */
  placesChanged: boolean;
}

const BEGINNING = Date.parse('2026-11-20T10:00:00Z');

export function createWorld(
  redis: Redis,
  prefix: string,
  shards: number,
  mutation: Mutation,
  { limits = DEFAULT_LIMITS, log = false }: { limits?: Limits | undefined; log?: boolean | undefined } = {},
): World {
  let now = BEGINNING;
  const stream = createMemoryStream('events', shards);
  const clock = () => now;
  return {
    stream,
    ...(log && { objects: createMemoryObjects() }),
    tables: createTables(clock),
    box: createRedisBox(redis, prefix),
    mapping: createMapping(stream),
    tasks: [],
    snapshots: new Map(),
    base: [],
    now: clock,
    pass: (ms) => (now += ms),
    holdUntil: 0,
    replays: [],
    acknowledged: [],
    settled: 0,
    outages: [],
    hadOutage: false,
    deletions: [],
    garbage: 0,
    unkept: new Set(),
    calls: new Map(),
    broken: [],
    mutation,
    newestRecord: VERSIONS.record,
    archiverSlept: false,
    archivedAt: BEGINNING,
    limits,
    processes: [createNameCache(), createNameCache()],
    codes: [createCodeMemory(crowded), createCodeMemory(crowded)],
    defined: new Set(),
    placesChanged: false,
  };
}

/** Names have to share a few codes, so that there is always one that takes the next. */
const crowded: CodeOf = (name, attempt, bytes) => digestCode(`${name.length % 2}`, attempt, bytes);

/** Everything acknowledged, in stream order: a shard after its parents. */
export function inStreamOrder({ stream, acknowledged }: World): AcknowledgedEvent[] {
  const rank = new Map([...stream.shards.keys()].map((id, index) => [shardName(stream.name, id), index]));
  const rankOf = ({ place }: AcknowledgedEvent) => rank.get(place.slice(0, place.lastIndexOf('/'))) ?? 0;
  // Stable: the order within a shard stays.
  return [...acknowledged].sort((a, b) => a.settled - b.settled || rankOf(a) - rankOf(b));
}
