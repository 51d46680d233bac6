import type { NameKind } from '../../contract/limits.ts';
import { hash } from 'node:crypto';
import { OTHER } from './overflow.ts';
import { EXPOSURE, type StreamEvent } from '../../contract/event.ts';
import { experimentId, fieldOf, segmentLabel, type ExperimentRef } from '../../contract/experiment-id.ts';

/** A name that takes a place in a list of limited length. */
export interface Name {
  kind: NameKind | 'overflows';
  /** Whose name: '' for namespaces, the namespace for experiments, else experimentId(), or visitorsOf() a namespace. */
  of: string;
  /** An experiment's has its incarnation after it: after a deletion it is another name. */
  name: string;
}

/** One without which an event does not count; it counts without a segment that finds no place. */
export type NeededName = Name & { kind: Exclude<NameKind, 'segments'> };

/** Kind and digest of a name, 13 characters of one byte each. */
export type Member = string;

const DIGEST_BYTES = 12;
export const MEMBER_BYTES = 1 + DIGEST_BYTES;

export function namespaceName(namespace: string): NeededName {
  return { kind: 'namespaces', of: '', name: namespace };
}

export function experimentNameOf({ namespace, experiment, incarnation }: ExperimentRef): NeededName {
  return { kind: 'experiments', of: namespace, name: `${experiment}@${incarnation}` };
}

/** Whose names those are that come without an experiment; no experimentId() is without an '@'. */
function visitorsOf(namespace: string): string {
  return fieldOf(namespace);
}

/**
 * The names by level without which an event does not count: a place on one level is asked for where those of the levels
 * before are given.
 */
export function namesOf(event: StreamEvent, incarnation: number): NeededName[][] {
  const { namespace, experiment, variant } = event;
  if (experiment === undefined) {
    const of = visitorsOf(namespace);
    return [[namespaceName(namespace)], [{ kind: 'visitorGoals', of, name: event.event }]];
  }
  const ref = { namespace, experiment, incarnation };
  const of = experimentId(ref);
  return [
    [namespaceName(namespace)],
    [experimentNameOf(ref)],
    [
      { kind: 'variants', of, name: variant },
      ...(event.event === EXPOSURE ? [] : [{ kind: 'goals', of, name: event.event } as const]),
    ],
  ];
}

/** A segment's name, and the one that it counts under where that finds no place. */
export interface SegmentPlaces {
  own: Name;
  other: Name;
}

export function segmentPlaces(event: StreamEvent, incarnation: number): SegmentPlaces[] {
  const { namespace, experiment, segments = {} } = event;
  const of = experiment === undefined ? visitorsOf(namespace) : experimentId({ namespace, experiment, incarnation });
  return Object.entries(segments).map(([key, value]) => ({
    own: { kind: 'segments', of, name: segmentLabel(key, value) },
    other: { kind: 'overflows', of, name: segmentLabel(key, OTHER) },
  }));
}

/** Tells names apart within a process. Names have no control characters. */
export function nameKey({ kind, of, name }: Name): string {
  return `${kind}\0${of}\0${name}`;
}

/** The list that a name has its place in: one of the namespaces, one for each namespace, one for each incarnation. */
export function listOf({ kind, of }: Name): string {
  if (kind === 'namespaces') return 'namespaces';
  return `${kind === 'experiments' ? 'namespace' : 'experiment'}/${hash('sha256', of, 'hex').slice(0, 32)}`;
}

export function memberOf({ kind, name }: Name): Member {
  return letterOf(kind) + hash('sha256', name, 'buffer').subarray(0, DIGEST_BYTES).toString('latin1');
}

/** A member's first character. */
export function letterOf(kind: Name['kind']): string {
  return kind === 'visitorGoals' ? 'V' : kind.charAt(0);
}
