import type { SequenceNumber } from '../shared/contract/sequence-number.ts';
import type { TrackedEvent } from '../shared/contract/event.ts';

const EXPERIMENTS = ['checkout button', 'pricing page', 'headline', 'onboarding'];
const EVENTS = ['participate', 'participate', 'participate', 'clicked', 'bought'];

let drawn = 0;

/** A new event: the next of several experiments, variants and goals, with a uuid as browsers make it. */
export function nextEvent(unit: boolean): TrackedEvent {
  drawn += 1;
  return {
    namespace: 'alephbet',
    experiment: EXPERIMENTS[drawn % EXPERIMENTS.length] ?? '',
    variant: drawn % 3 === 0 ? 'red' : 'blue',
    event: EVENTS[drawn % EVENTS.length] ?? '',
    uuid: `464edeb5-ba5f-4c01-8784-${drawn.toString(16).padStart(12, '0')}`,
    ...(unit && { unit: `visitor-${drawn % 20_000}`, value: drawn % 100, segments: { platform: 'ios' } }),
  };
}

/** The next sequence number of a shard, as long as Kinesis' own. */
export function nextSequence(): SequenceNumber {
  drawn += 1;
  return `4966${String(drawn).padStart(52, '0')}`;
}

/** Records as the door writes them where every request has one event: the most work for each event. */
export function nextRecords(count: number, unit: boolean): { sequence: SequenceNumber; data: Uint8Array }[] {
  return Array.from({ length: count }, () => {
    const data = Buffer.from(JSON.stringify({ v: 1, at: Date.now(), events: [nextEvent(unit)] }));
    return { sequence: nextSequence(), data };
  });
}
