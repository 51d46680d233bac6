import type { Hmac } from '../hash/hmac.ts';
import { canonicalJson } from '../key/canonical-json.ts';
import type { TrackedEvent } from '../tracker/tracked-event.ts';
import { randomId } from '../tracker/random-id.ts';

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
const uuidOfUnit = (hmac: Hmac, { namespace, experiment, unit }: Subject, event: string): string =>
  unit === undefined ? randomId() : hmac('', canonicalJson([namespace, experiment, event, unit])).slice(0, 32);

/** What happened to a visitor in an experiment, ready to be sent. */
export const createEvent = (hmac: Hmac, subject: Subject, event: string, details: GoalDetails): TrackedEvent => ({
  ...subject,
  event,
  uuid: details.uuid ?? (details.once ? uuidOfUnit(hmac, subject, event) : randomId()),
  value: details.value,
  segments: details.segments,
});
