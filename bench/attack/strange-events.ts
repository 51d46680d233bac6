import type { TrackedEvent } from '../../shared/contract/event.ts';
import type { Random } from '../load/random.ts';

/** Where the attacker has read the site's own events, and tries to add to it. */
const TARGET = { namespace: 'alephbet', experiment: 'shop', variant: 'strange', event: 'participate' };

/** Share of events with a unit. */
const VISITORS = 0.1;

/** An event with names that nobody has used: in every place, or in one place of an experiment that is known. */
export function strangeEvent(random: Random): TrackedEvent {
  const name = () => `strange ${random.hex(12)}`;
  const isVisitor = random.next() < VISITORS; // then the event has a record of its own
  const event = { ...TARGET, uuid: random.hex(32), ...(isVisitor && { unit: random.hex(16) }) };
  return random.pick<() => TrackedEvent>([
    () => ({
      ...event,
      namespace: name(),
      experiment: name(),
      variant: name(),
      event: name(),
      segments: { [random.hex(8)]: name() },
    }),
    () => ({ ...event, namespace: name() }),
    () => ({ ...event, experiment: name() }),
    () => ({ ...event, variant: name() }),
    () => ({ ...event, event: name() }),
    () => ({ ...event, segments: { [random.hex(8)]: name() } }),
  ])();
}
