import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { TrackingError } from '../../../sdk/src/errors.ts';
import { createMemoryOutbox } from '../../../sdk/src/tracker/outbox.ts';
import type { Outcome } from '../../../sdk/src/tracker/post.ts';
import type { TrackedEvent } from '../../../sdk/src/tracker/outbox.ts';
import { createTracker } from '../../../sdk/src/tracker/tracker.ts';

const eventOf = (uuid: string | number): TrackedEvent => ({
  namespace: 'shop',
  experiment: 'colors',
  variant: 'red',
  event: 'clicked',
  uuid: `${uuid}`,
});

const received: Outcome = { refusals: [] };

/** A tracker before a backend that gives these answers, one after the other, and then 200. */
const trackTo = (answers: (Outcome | Promise<Outcome>)[] = [], capacity = 1_000) => {
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

const range = (length: number): string[] => Array.from({ length }, (_, i) => `${i}`);

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

    expect(() => track({ ...eventOf('a'), experiment: 'é'.repeat(140_000) })).toThrow(/less than 256 KiB, got 280/);
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
