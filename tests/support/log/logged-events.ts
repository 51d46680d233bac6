import type { LogFileHeader, LoggedEvent } from '../../../shared/counting/log/event-log.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';

/** As Kinesis gives them: 56 digits. */
export function sequenceOf(number: number): string {
  return `4967${String(number).padStart(52, '0')}`;
}

export function loggedEvent(number: number, changes: Partial<TrackedEvent> = {}): LoggedEvent {
  return {
    event: {
      namespace: 'alephbet',
      experiment: 'checkout',
      variant: number % 2 === 0 ? 'A' : 'B',
      event: 'participate',
      uuid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
      unit: `unit-${number}`,
      ...changes,
    },
    incarnation: 0,
    at: 1_790_000_000_000 + number,
    sequence: sequenceOf(number),
    index: 0,
  };
}

export function logFileHeader(changes: Partial<LogFileHeader> = {}): LogFileHeader {
  return {
    shard: 'events/shardId-000000000000',
    streamCreatedAt: 1_780_000_000_000,
    ancestors: [],
    from: undefined,
    to: sequenceOf(1_000),
    records: 1_000,
    firstArrival: 1_790_000_000_000,
    lastArrival: 1_790_000_001_000,
    ...changes,
  };
}
