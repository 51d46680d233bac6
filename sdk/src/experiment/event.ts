import { canonicalJson } from '../key/context-key.ts';
import { randomId } from '../key/sha256.ts';
import type { Hmac } from '../key/sha256.ts';
import type { TrackedEvent } from '../tracker/outbox.ts';

export interface GoalDetails {
  /** What the goal was worth. */
  readonly value?: number | undefined;
  readonly segments?: Readonly<Record<string, string>> | undefined;
  /** Counts a visitor once, however often they reach the goal. */
  readonly once?: boolean;
  /** The event's identity where it has one of its own (an order's number, say): told twice, it counts once. */
  readonly uuid?: string;
}

type Subject = Pick<TrackedEvent, 'namespace' | 'experiment' | 'variant' | 'unit'>;

/** The same uuid for the same visitor, experiment and event, in every process and after every reload. */
function uuidOfUnit(hmac: Hmac, { namespace, experiment, unit }: Subject, event: string): string {
  return unit === undefined ? randomId() : hmac('', canonicalJson([namespace, experiment, event, unit])).slice(0, 32);
}

/** What happened to a visitor in an experiment, ready to be sent. */
export function createEvent(hmac: Hmac, subject: Subject, event: string, details: GoalDetails): TrackedEvent {
  return {
    ...subject,
    event,
    uuid: details.uuid ?? (details.once ? uuidOfUnit(hmac, subject, event) : randomId()),
    value: details.value,
    segments: details.segments,
  };
}

/**
 * Says whether something is new. Forgets everything after `capacity` things, and each after `ageMs`: what is then sent
 * again counts once, and an experiment that was deleted and begun again learns who sees it.
 */
export function createOnce(capacity: number, ageMs: number, now: () => number = Date.now) {
  const seen = new Map<string, number>();

  return (thing: string): boolean => {
    const at = now();
    const before = seen.get(thing);
    if (before !== undefined && Math.abs(at - before) < ageMs) return false;
    if (seen.size >= capacity) seen.clear();
    seen.set(thing, at);
    return true;
  };
}
