import { describe, expect, jest, test } from '@jest/globals';
import { InvalidContextError } from '../../../../sdk/src/errors.ts';
import { defineExperiment } from '../../../../sdk/src/experiment/definition.ts';
import { recordExperiments } from '../../../support/sdk/experiments.ts';
import { percent } from '../../../../sdk/src/rollout.ts';

const colorsWith = <T>(control: () => T, red: () => T) =>
  defineExperiment({ name: 'colors', variants: { control, red }, rollout: percent({ control: 0, red: 100 }) });
const colors = colorsWith(
  () => 'old',
  () => 'new',
);
const subject = { namespace: 'shop', experiment: 'colors', variant: 'red' };

describe('assign', () => {
  test('counts nothing', async () => {
    const { for: visit, events } = recordExperiments();
    await visit(colors, { userId: 7 }).assign();

    expect(events).toEqual([]);
  });
});

describe('run', () => {
  test('counts the exposure, then calls the chosen behavior alone', async () => {
    const { for: visit, events } = recordExperiments();
    const called: unknown[] = [];
    const calling = colorsWith(
      () => called.push('control'),
      () => called.push(events.length),
    );
    await visit(calling, { userId: 7 }).run();

    expect(called).toEqual([1]);
    expect(events).toMatchObject([{ ...subject, event: 'participate' }]);
  });

  test('calls the behavior once, and gives what it gave', async () => {
    const { for: visit } = recordExperiments();
    let calls = 0;
    const counting = colorsWith(
      () => Promise.resolve(0),
      () => Promise.resolve(++calls),
    );
    const visited = visit(counting, { userId: 7 });

    expect(await Promise.all([visited.run(), visited.run()])).toEqual([1, 1]);
    expect(await visited.run()).toBe(1);
  });

  test('counts the exposure also when the behavior fails, and fails as it does', async () => {
    const { for: visit, events, errors } = recordExperiments();
    const broken = colorsWith(
      () => 'old',
      () => {
        throw new Error('broken');
      },
    );
    const visited = visit(broken, { userId: 7 });

    await expect(visited.run()).rejects.toThrow('broken');
    expect(events).toHaveLength(1);
    expect(errors).toEqual([]);
  });
});

describe('an exposure', () => {
  test('is sent once for a visitor, experiment and variant, over all visits', async () => {
    const { for: visit, events } = recordExperiments();
    for (const userId of [1, 2, 1, 2]) await visit(colors, { userId }).run();

    expect(events).toHaveLength(2);
  });

  test('has the same uuid in every process, and another for each visitor', async () => {
    const exposureOf = async (userId: number) => {
      const { for: visit, events } = recordExperiments();
      await visit(colors, { userId }).run();
      return events[0]?.uuid;
    };

    expect(await exposureOf(1)).toBe(await exposureOf(1));
    expect(await exposureOf(1)).not.toBe(await exposureOf(2));
  });

  test('of somebody who will not be recognised has no unit, and a uuid of its own', async () => {
    const { for: visit, events } = recordExperiments({ identify: (_, __, context) => ({ context, isFleeting: true }) });
    await visit(colors, { userId: 'x' }).run();
    await visit(colors, { userId: 'x' }).run();

    expect(events.map(({ unit }) => unit)).toEqual([undefined, undefined]);
    expect(events[0]?.uuid).not.toBe(events[1]?.uuid);
  });

  test('is not sent for somebody who is not to be counted, who still has a variant', async () => {
    const { for: visit, events } = recordExperiments({
      identify: (_, __, context) => ({ context, isUncounted: true }),
    });
    const visited = visit(colors, { userId: 'x' });
    await visited.track('clicked');

    expect(await visited.run()).toBe('new');
    expect(events).toEqual([]);
  });
});

test('flush may end a chain: what the promise before it gave is no time of its own', async () => {
  const times: unknown[] = [];
  const flushed = (options?: { timeoutMs?: number }) => Promise.resolve(times.push(options?.timeoutMs));
  const { for: visit, flush } = recordExperiments({ tracker: { track: () => undefined, flush: flushed } });
  await visit(colors, { userId: 1 })
    .run()
    .then(flush as (given: unknown) => Promise<number>);

  expect(times[0]).toBeGreaterThan(0);
});

test('an exposure is sent again after an hour, so that an experiment that was begun again learns of it', async () => {
  jest.useFakeTimers();
  try {
    const { for: visit, events } = recordExperiments();
    const run = () => visit(colors, { userId: 1 }).run();
    await run();
    jest.advanceTimersByTime(3_599_000);
    await run();
    expect(events).toHaveLength(1);

    jest.advanceTimersByTime(1_000);
    await run();
    expect(events).toHaveLength(2);
    expect(events[0]?.uuid).toBe(events[1]?.uuid);
  } finally {
    jest.useRealTimers();
  }
});

describe('track', () => {
  test('counts a goal under the visitor as unit, with value and segments', async () => {
    const { for: visit, events } = recordExperiments();
    const visited = visit(colors, { userId: 7 }, { segments: { platform: 'ios' } });
    const { unit } = await visited.assign();
    await visited.track('bought', { value: 9.99, segments: { plan: 'pro' } });

    expect(events).toMatchObject([
      { ...subject, event: 'bought', unit, value: 9.99, segments: { platform: 'ios', plan: 'pro' } },
    ]);
  });

  test('counts each time, once if asked to, and by an identity of the caller', async () => {
    const { for: visit, events } = recordExperiments();
    const visited = visit(colors, { userId: 7 });
    await visited.track('clicked');
    await visited.track('clicked');
    await visited.track('signed up', { once: true });
    await visit(colors, { userId: 7 }).track('signed up', { once: true });
    await visited.track('bought', { uuid: 'order 1' });

    const uuids = events.map(({ uuid }) => uuid);
    expect(uuids[0]).not.toBe(uuids[1]);
    expect(uuids[2]).toBe(uuids[3]);
    expect(uuids[4]).toBe('order 1');
  });

  test('never rejects: what the tracker throws is reported', async () => {
    const failure = new Error('queue full');
    const tracker = {
      track: () => {
        throw failure;
      },
      flush: () => Promise.resolve(0),
    };
    const { for: visit, errors } = recordExperiments({ tracker });
    const visited = visit(colors, { userId: 7 });
    await visited.track('clicked');

    expect(await visited.run()).toBe('new');
    expect(errors).toEqual([failure, failure]);
  });

  test('an onError that throws does no harm', async () => {
    const fail = () => {
      throw new Error('no');
    };
    const { for: visit } = recordExperiments({
      tracker: { track: fail, flush: () => Promise.resolve(0) },
      onError: fail,
    });

    expect(await visit(colors, { userId: 7 }).run()).toBe('new');
  });
});

describe('flush', () => {
  test('waits for what has been asked for and not awaited', async () => {
    const { for: visit, flush, events } = recordExperiments();
    void visit(colors, { userId: 7 }).run();
    void visit(colors, { userId: 8 }).track('clicked');
    await flush();

    expect(events.map(({ event }) => event).sort()).toEqual(['clicked', 'participate']);
  });
});

describe('a context', () => {
  test('that no key can be made of shows the control, and is reported', async () => {
    const { for: visit, events, errors } = recordExperiments();
    const visited = visit(colors, { since: NaN });

    expect(await visited.run()).toBe('old');
    expect(await visited.assign()).toMatchObject({ reason: 'error', tracked: false });
    expect(errors).toEqual([new InvalidContextError('Expected JSON in the context, got [object Number].')]);
    expect(events).toEqual([]);
  });
});
