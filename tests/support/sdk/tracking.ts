import { createMemoryOutbox, type TrackedEvent } from '../../../sdk/src/tracker/outbox.ts';
import type { Outcome } from '../../../sdk/src/tracker/post.ts';
import { createTracker } from '../../../sdk/src/tracker/tracker.ts';

export const eventOf = (uuid: string | number): TrackedEvent => ({
  namespace: 'shop',
  experiment: 'colors',
  variant: 'red',
  event: 'clicked',
  uuid: `${uuid}`,
});

export const received: Outcome = { refusals: [] };

/** A tracker before a backend that gives these answers, one after the other, and then 200. */
export const trackTo = (answers: (Outcome | Promise<Outcome>)[] = [], capacity = 1_000) => {
  const batches: string[][] = [];
  const errors: unknown[] = [];
  const tracker = createTracker({
    post: (body) => {
      const { events } = JSON.parse(body) as { events: TrackedEvent[] };
      batches.push(events.map(({ uuid }) => uuid));
      return Promise.resolve(answers.shift() ?? received);
    },
    address: 'https://mem.example/events',
    outbox: createMemoryOutbox(capacity),
    onError: (error) => void errors.push(error),
  });
  return { ...tracker, batches, errors };
};

export const range = (length: number): string[] => Array.from({ length }, (_, i) => `${i}`);
