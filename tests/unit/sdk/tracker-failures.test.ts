import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TrackingError } from '../../../sdk/src/errors.ts';
import { createMemoryOutbox, type TrackedEvent } from '../../../sdk/src/tracker/outbox.ts';
import type { Outcome } from '../../../sdk/src/tracker/post.ts';
import { createTracker } from '../../../sdk/src/tracker/tracker.ts';
import { eventOf, range, received, trackTo } from '../../support/sdk/tracking.ts';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

describe('failures', () => {
  const failing = { retryAfterMs: 0, reason: 'http_503' };

  function trackWith(outcomes: Outcome[], release?: (timer: ReturnType<typeof setTimeout>) => void) {
    const onError = jest.fn();
    const post = () => Promise.resolve(outcomes.shift() ?? received);
    const outbox = createMemoryOutbox(10);
    const tracker = createTracker({
      post,
      address: 'https://mem.example/events',
      outbox,
      onError,
      ...(release && { release }),
    });
    return { ...tracker, onError };
  }

  test('are told where three are in a row, and a success between begins the row anew', async () => {
    const { track, onError } = trackWith([failing, failing, received, failing, failing]);
    track(eventOf('a'));
    await jest.advanceTimersByTimeAsync(30_000);
    track(eventOf('b'));
    await jest.advanceTimersByTimeAsync(30_000);
    expect(onError).not.toHaveBeenCalled();
  });

  test('hand their timers over, so that none keeps a process from ending; the first batch’s does', async () => {
    const release = jest.fn();
    const { track } = trackWith([failing], release);
    track(eventOf('a'));
    expect(release).not.toHaveBeenCalled();
    await jest.advanceTimersByTimeAsync(2_000);
    expect(release).toHaveBeenCalledTimes(1);
  });
});

describe('a failed request', () => {
  test('is repeated with the same uuids until it is received', async () => {
    const { track, flush, batches } = trackTo([
      { retryAfterMs: 0, reason: 'http_503' },
      { retryAfterMs: 0, reason: 'http_503' },
    ]);
    track(eventOf('a'));

    expect(await flush()).toBe(1);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(batches).toEqual([['a'], ['a'], ['a']]);
    expect(await flush()).toBe(0);
    expect(batches).toHaveLength(3);
  });

  test('is not repeated before the server asks for it, whatever is tracked meanwhile', async () => {
    const { track, flush, batches } = trackTo([{ retryAfterMs: 60_000, reason: 'http_503' }]);
    track(eventOf('a'));
    await flush();
    range(30).forEach((uuid) => track(eventOf(uuid)));

    await jest.advanceTimersByTimeAsync(59_000);
    expect(batches).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(batches.slice(1).flat()).toEqual(['a', ...range(30)]);
  });

  test('holds back what was tracked while it was under way, however much it is', async () => {
    let answer: (outcome: Outcome) => void = () => undefined;
    const slow = new Promise<Outcome>((resolve) => {
      answer = resolve;
    });
    const { track, flush, batches } = trackTo([slow]);
    track(eventOf('a'));
    void flush();
    range(60).forEach((uuid) => track(eventOf(uuid)));
    await jest.advanceTimersByTimeAsync(5_000);
    answer({ retryAfterMs: 60_000, reason: 'http_503' });

    await jest.advanceTimersByTimeAsync(59_000);
    expect(batches).toEqual([['a']]);
    await jest.advanceTimersByTimeAsync(1_000);
    expect(batches.slice(1).flat()).toEqual(['a', ...range(60)]);
  });

  test('holds back the later batches', async () => {
    const { track, flush, batches } = trackTo([received, { retryAfterMs: 60_000, reason: 'http_503' }]);
    range(75).forEach((uuid) => track(eventOf(uuid)));

    expect(await flush()).toBe(50);
    expect(batches).toHaveLength(2);
  });

  test('does not slow down what comes after it is repaired', async () => {
    const { track, leave, batches } = trackTo([{ retryAfterMs: 200_000, reason: 'http_503' }]);
    track(eventOf('a'));
    await jest.advanceTimersByTimeAsync(2_000);
    leave();
    await jest.advanceTimersByTimeAsync(0);
    track(eventOf('b'));
    await jest.advanceTimersByTimeAsync(2_000);

    expect(batches).toEqual([['a'], ['a'], ['b']]);
  });
});

describe('an event that somebody between takes offence at', () => {
  /** A firewall before the backend that refuses what has these uuids in it. */
  const trackThroughFirewall = (...poison: string[]) => {
    const taken: string[] = [];
    const errors: unknown[] = [];
    const tracker = createTracker({
      post: (body) => {
        const { events } = JSON.parse(body) as { events: TrackedEvent[] };
        const uuids = events.map(({ uuid }) => uuid);
        if (uuids.some((uuid) => poison.includes(uuid))) {
          return Promise.resolve({ retryAfterMs: 0, reason: 'http_403' });
        }
        taken.push(...uuids);
        return Promise.resolve(received);
      },
      address: '',
      outbox: createMemoryOutbox(1_000),
      onError: (error) => void errors.push(error),
    });
    return { ...tracker, taken, errors };
  };

  test('does not hold back the others, wherever it stands', async () => {
    const { track, taken, flush } = trackThroughFirewall('0', '40', '41');
    range(60).forEach((uuid) => track(eventOf(uuid)));
    await jest.advanceTimersByTimeAsync(60_000);
    expect(taken.sort()).toEqual(
      range(60)
        .filter((uuid) => !['0', '40', '41'].includes(uuid))
        .sort(),
    );

    track(eventOf('new'));
    await jest.advanceTimersByTimeAsync(3_600_000); // each of the three may cost the longest pause
    expect(taken).toContain('new');
    expect(await flush()).toBe(3);
  });
});

describe('an endpoint that keeps failing', () => {
  test('is told once, with its address and the reason', async () => {
    const failure = { retryAfterMs: 0, reason: 'no_answer' };
    const { track, errors } = trackTo(Array.from({ length: 9 }, () => failure));
    track(eventOf('a'));
    await jest.advanceTimersByTimeAsync(600_000);

    expect(errors).toMatchObject([{ code: 'no_answer', events: [] }]);
    expect(String(errors[0])).toMatch(
      /^TrackingError: https:\/\/mem\.example\/events failed 3 times in a row, no_answer/,
    );
  });
});

describe('what no request can carry', () => {
  test('is refused when it is tracked', () => {
    const { track } = trackTo();

    expect(() => track({ ...eventOf('a'), experiment: 'é'.repeat(140_000) })).toThrow(/under 256 KiB, got 280/);
  });
});

describe('a refusal', () => {
  test('of some events names them, and they are not sent again', async () => {
    const { track, flush, batches, errors } = trackTo([
      { refusals: [{ index: 1, code: 'bad_field', message: 'why' }] },
    ]);
    ['a', 'b', 'c'].forEach((uuid) => track(eventOf(uuid)));

    expect(await flush()).toBe(0);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(batches).toEqual([['a', 'b', 'c']]);
    expect(errors).toEqual([new TrackingError('bad_field', [eventOf('b')], 'why')]);
    expect(errors).toMatchObject([{ code: 'bad_field', events: [{ uuid: 'b' }] }]);
  });

  test('of a whole request names all its events', async () => {
    const { track, flush, errors } = trackTo([{ refusals: [{ code: 'http_413' }] }]);
    ['a', 'b'].forEach((uuid) => track(eventOf(uuid)));

    expect(await flush()).toBe(0);
    expect(errors).toMatchObject([{ code: 'http_413', events: [{ uuid: 'a' }, { uuid: 'b' }] }]);
  });

  test('stops nothing, even if onError throws', async () => {
    const { track, flush } = createTracker({
      post: () => Promise.resolve({ refusals: [{ code: 'http_413' }] }),
      address: '',
      outbox: createMemoryOutbox(100),
      onError: () => {
        throw new Error('no');
      },
    });
    range(30).forEach((uuid) => track(eventOf(uuid)));

    expect(await flush()).toBe(0);
  });
});
