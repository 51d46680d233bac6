import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TrackingError } from '../../../sdk/src/errors.ts';
import { createMemoryOutbox } from '../../../sdk/src/tracker/outbox.ts';
import type { Outcome } from '../../../sdk/src/tracker/post.ts';
import { createTracker } from '../../../sdk/src/tracker/tracker.ts';
import { eventOf, range, received, trackTo } from '../../support/sdk/tracking.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('a batch', () => {
  test('goes two seconds after its first event', async () => {
    const { track, batches } = trackTo();
    track(eventOf('a'));
    await jest.advanceTimersByTimeAsync(1_500);
    track(eventOf('b'));
    expect(batches).toEqual([]);

    await jest.advanceTimersByTimeAsync(500);
    expect(batches).toEqual([['a', 'b']]);
  });

  test('goes at once when it has 25 events, and none has more', async () => {
    const { track, batches } = trackTo();
    range(60).forEach((uuid) => track(eventOf(uuid)));
    await jest.advanceTimersByTimeAsync(0);

    expect(batches.map(({ length }) => length)).toEqual([25, 25, 10]);
    expect(batches.flat()).toEqual(range(60));
  });

  test('stays under 60 KB, in bytes', async () => {
    const { track, flush, batches } = trackTo();
    range(10).forEach((uuid) => track({ ...eventOf(uuid), experiment: 'é'.repeat(5_000) }));
    await flush();

    expect(batches.map(({ length }) => length)).toEqual([5, 5]);
  });

  test('takes one event, however long', async () => {
    const { track, flush, batches } = trackTo();
    track({ ...eventOf('a'), experiment: 'x'.repeat(70_000) });

    expect(await flush()).toBe(0);
    expect(batches).toEqual([['a']]);
  });
});

describe('an event', () => {
  test('is sent as it was when it was tracked', async () => {
    const bodies: string[] = [];
    const post = (body: string) => {
      bodies.push(body);
      return Promise.resolve(received);
    };
    const { track, flush } = createTracker({
      post,
      address: '',
      outbox: createMemoryOutbox(10),
      onError: () => undefined,
    });
    const segments = { platform: 'ios' };
    track({ ...eventOf('a'), segments, value: undefined });
    segments.platform = 'android';
    await flush();

    expect(JSON.parse(bodies[0] ?? '')).toEqual({ events: [{ ...eventOf('a'), segments: { platform: 'ios' } }] });
  });

  test('that is no JSON is refused at once, and blocks nothing', async () => {
    const { track, flush, batches } = trackTo();

    expect(() => track({ ...eventOf('a'), value: 1n as unknown as number })).toThrow('BigInt');
    track(eventOf('b'));
    await flush();
    expect(batches).toEqual([['b']]);
  });

  test('that finds the queue full is refused, and the queue keeps its order', async () => {
    const { track, flush, batches } = trackTo([], 2);
    track(eventOf('a'));
    track(eventOf('b'));

    expect(() => track(eventOf('c'))).toThrow(new TrackingError('queue_full', [eventOf('c')]));
    await flush();
    expect(batches).toEqual([['a', 'b']]);
  });
});

describe('flush', () => {
  test('sends everything, and what is tracked while it sends', async () => {
    const { track, flush, batches } = trackTo();
    range(30).forEach((uuid) => track(eventOf(uuid)));
    const flushed = flush();
    track(eventOf('late'));

    expect(await flushed).toBe(0);
    expect(batches.flat()).toEqual([...range(30), 'late']);
  });

  test('called while another is under way includes what was tracked before it', async () => {
    const { track, flush, batches } = trackTo();
    track(eventOf('a'));
    const first = flush();
    for (let microtasks = 0; microtasks < 20; microtasks++) {
      track(eventOf(microtasks));
      await Promise.resolve();
    }
    await flush();
    await first;

    expect(batches.flat()).toEqual(['a', ...range(20)]);
  });

  test('goes no longer than it may, and what it began goes on', async () => {
    let answer: (outcome: Outcome) => void = () => undefined;
    const { track, flush } = trackTo([new Promise((resolve) => (answer = resolve))]);
    track(eventOf('a'));
    const flushed = flush();
    await jest.advanceTimersByTimeAsync(499);
    let isOver = false;
    void flushed.then(() => (isOver = true));
    await jest.advanceTimersByTimeAsync(0);
    expect(isOver).toBe(false);

    await jest.advanceTimersByTimeAsync(1);
    expect(await flushed).toBe(1);
    answer(received);
    await jest.advanceTimersByTimeAsync(0);
    expect(await flush()).toBe(0);
  });

  test('does not try in the pause after a failure', async () => {
    const { track, flush, batches } = trackTo([{ retryAfterMs: 60_000, reason: 'http_503' }]);
    track(eventOf('a'));
    await flush();
    for (let request = 0; request < 5; request++) expect(await flush()).toBe(1);

    expect(batches).toHaveLength(1);
  });

  test('sends nothing where nothing waits', async () => {
    const { flush, batches } = trackTo();

    expect(await flush()).toBe(0);
    expect(batches).toEqual([]);
  });
});

describe('while nothing may be sent', () => {
  test('everything waits', async () => {
    let maySend = false;
    const batches: string[] = [];
    const { track, flush, leave } = createTracker({
      post: (body) => {
        batches.push(body);
        return Promise.resolve(received);
      },
      address: '',
      outbox: createMemoryOutbox(100),
      onError: () => undefined,
      maySend: () => maySend,
    });
    range(30).forEach((uuid) => track(eventOf(uuid)));
    leave();
    await jest.advanceTimersByTimeAsync(10_000);
    expect([batches, await flush()]).toEqual([[], 30]);

    maySend = true;
    expect(await flush()).toBe(0);
  });
});

describe('a thousand waiting events', () => {
  test('are not looked at when one more is tracked', () => {
    const outbox = createMemoryOutbox(10_000);
    let looks = 0;
    const counting = {
      ...outbox,
      first: (...given: Parameters<typeof outbox.first>) => {
        looks++;
        return outbox.first(...given);
      },
      refresh: () => {
        looks++;
      },
    };
    const { track } = createTracker({
      post: () => new Promise(() => undefined),
      address: '',
      outbox: counting,
      onError: () => undefined,
    });
    range(1_000).forEach((uuid) => track(eventOf(uuid)));

    // The first full batch, and nothing after it.
    expect(looks).toBe(2);
  });
});

describe('leaving', () => {
  test('sends at once, more than a batch, and nothing that is under way', async () => {
    const { track, flush, leave, batches } = trackTo([new Promise(() => undefined)]);
    range(25).forEach((uuid) => track(eventOf(uuid)));
    void flush();
    await jest.advanceTimersByTimeAsync(0);
    range(100).forEach((uuid) => track(eventOf(uuid)));
    leave();
    leave();

    expect(batches.map(({ length }) => length)).toEqual([25, 100]);
  });

  test('leaves what does not fit to the next batch', async () => {
    const { track, flush, leave, batches } = trackTo([{ retryAfterMs: 0, reason: 'http_503' }]);
    track(eventOf('first'));
    await flush();
    range(600).forEach((uuid) => track(eventOf(uuid)));
    leave();
    await jest.advanceTimersByTimeAsync(0);
    expect(batches.at(-1)).toHaveLength(500);

    await jest.advanceTimersByTimeAsync(2_000);
    expect(batches.slice(1).flat()).toEqual(['first', ...range(600)]);
  });
});
