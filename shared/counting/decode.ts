import { InvalidRecord, NewerRecord, PermanentError } from '../runtime/errors.ts';
import type { QuarantinedRecord, ClaimRequest, Deletions, RecordFormats } from './ports.ts';
import type { SequenceNumber } from '../contract/sequence-number.ts';
import type { EventBundle } from './stream-record.ts';

import { FIRST_INCARNATION, experimentName, type Incarnation } from '../contract/experiment-id.ts';
import type { StreamEvent } from '../contract/event.ts';
import { hash } from 'node:crypto';

/** A record as the stream delivers it. */
export interface ShardRecord {
  sequence: SequenceNumber;
  data: Uint8Array;
  /** When the stream received it, ms. */
  arrival?: number;
}

export interface DecodedRecord extends EventBundle {
  sequence: SequenceNumber;
}

/** The records of a batch, up to one that has to wait for a newer release, where there is one. */
export interface DecodedBatch {
  records: DecodedRecord[];
  newer?: { sequence: SequenceNumber; version: number };
}

/**
 * Reads the records of a batch. One that cannot be read is kept in quarantine with the reason, and counts as a record
 * without events: it must not stop its shard. One that a newer release has written is not counted yet, and so nothing
 * that comes after it.
 */
export async function decodeBatch(
  shard: string,
  records: readonly ShardRecord[],
  formats: RecordFormats,
  quarantine: (record: QuarantinedRecord) => Promise<void>,
): Promise<DecodedBatch> {
  const decoded: DecodedRecord[] = [];
  for (const { sequence, data } of records) {
    try {
      decoded.push({ sequence, ...formats.decode(data) });
    } catch (error) {
      if (!(error instanceof InvalidRecord)) throw error;
      if (error instanceof NewerRecord && error.version <= (await formats.highest())) {
        return { records: decoded, newer: { sequence, version: error.version } };
      }
      await quarantine({ shard, sequence, code: 'unreadable', reason: error.message, events: 0, data });
      decoded.push({ sequence, at: 0, events: [] });
    }
  }
  return { records: decoded };
}

/** What is behind a checkpoint was counted by a newer release: this one must not count it again without it. */
export function refuseNewer(shard: string, newer: DecodedBatch['newer']): void {
  if (newer === undefined) return;
  throw new PermanentError(
    `${shard}: record ${newer.sequence} has version ${newer.version}, which a newer version of Mem has written and counted: deploy that version again`,
  );
}

/**
 * An event of a living incarnation, with the claim that it needs before it counts. A goal that names no experiment has
 * incarnation 0: which ones it counts in is told by its visitor's record.
 */
export interface CountableEvent {
  event: StreamEvent;
  incarnation: number;
  claim: ClaimRequest;
}

export interface CountableRecord {
  sequence: SequenceNumber;
  events: CountableEvent[];
}

/**
 * Gives every event its place: the incarnation that was living when the door received it, and its claim. Events
 * received before their experiment was deleted are left out. The marks are read now, after the batch has arrived.
 * @param shard `stream/shard`
 */
export async function findCountableEvents(
  shard: string,
  records: readonly DecodedRecord[],
  deletions: Pick<Deletions, 'read'>,
): Promise<CountableRecord[]> {
  const incarnations = await readIncarnations(
    records.flatMap(({ events }) => events),
    deletions,
  );

  return records.map(({ sequence, at, events }) => ({
    sequence,
    events: events.flatMap((event, index) => {
      const { number, since } = incarnationOf(event, incarnations);
      if (at < since) return [];
      const claim = { id: claimId(event, number), owner: `${shard}/${sequence}#${index}`, at };
      return [{ event, incarnation: number, claim }];
    }),
  }));
}

type Incarnations = Awaited<ReturnType<Deletions['read']>>;

/** Of the experiments that events name. */
export function readIncarnations(
  events: readonly StreamEvent[],
  deletions: Pick<Deletions, 'read'>,
): Promise<Incarnations> {
  const names = events.flatMap(({ namespace, experiment }) =>
    experiment === undefined ? [] : [experimentName(namespace, experiment)],
  );
  return deletions.read([...new Set(names)]);
}

/** The one that an event's experiment is in; a goal that names no experiment belongs to none, and lives always. */
export function incarnationOf({ namespace, experiment }: StreamEvent, incarnations: Incarnations): Incarnation {
  const found = experiment === undefined ? undefined : incarnations.get(experimentName(namespace, experiment));
  return found ?? FIRST_INCARNATION;
}

/**
 * What makes two events the same: 16 bytes of SHA-256 over the parts, each with its length before it, so that parts
 * cannot run together. The goal is one of them: Alephbet's Gimel adapter sends one uuid for all goals of a visitor. One
 * that names no experiment has empty names in their places, which no other event has.
 */
export function claimId(event: StreamEvent, incarnation: number): Uint8Array {
  const { namespace, experiment = '', variant = '' } = event;
  const parts = [namespace, experiment, String(incarnation), variant, event.event, event.uuid];
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return hash('sha256', text, 'buffer').subarray(0, 16);
}
