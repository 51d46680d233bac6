import { describe, expect, test } from '@jest/globals';
import { AlreadyRunError, BehaviorMissingError, BehaviorNotUniqueError } from '../../../../sdk/src/errors.ts';
import { gitlabCompatible } from '../../../../sdk/src/gem-style/experiment.ts';
import { Experiment, experiment } from '../../../../sdk/src/gem-style/experiment.ts';
import { resolveByRollout } from '../../../../sdk/src/gem-style/tracking.ts';
import { percent } from '../../../../sdk/src/rollout.ts';
import { recordGem, withBehaviors } from '../../../support/sdk/gem.ts';

describe('the name', () => {
  test('is prefix and name, joined by an underscore', () => {
    const { Recorded } = recordGem({ prefix: 'growth' });

    expect(new Recorded('button').name).toBe('growth_button');
  });

  test('has no prefix unless there is one', () => {
    expect(new Experiment('button').name).toBe('button');
  });

  test('has the prefix gitlab_experiment in the compatible configuration', () => {
    expect(new (recordGem(gitlabCompatible).Recorded)('button').name).toBe('gitlab_experiment_button');
  });
});

describe('the entry points', () => {
  const entryPoints = () => {
    const { Recorded, tracked } = recordGem();
    return { Recorded, tracked };
  };

  test('without a block give an experiment that has not run', () => {
    const { Recorded, tracked } = entryPoints();

    expect(Recorded.run('button', { user_id: 1 })).toBeInstanceOf(Recorded);
    expect(new Recorded('button', { user_id: 1 })).toBeInstanceOf(Experiment);
    expect(tracked).toEqual([]);
  });

  test('with a block run the experiment and give it', () => {
    const { Recorded, tracked } = entryPoints();
    const ran = Recorded.run('button', { user_id: 1 }, (e) => void withBehaviors(e));

    expect(ran).toBeInstanceOf(Recorded);
    expect(tracked).toEqual([['assignment', {}]]);
    expect(ran.run()).toBe('control');
  });

  test('give the value where the block has run the experiment itself', () => {
    const { Recorded, tracked } = entryPoints();

    expect(Recorded.run('button', 'candidate', {}, (e) => withBehaviors(e).run())).toBe('candidate');
    expect(tracked).toHaveLength(1);
  });

  test('new takes a block and does not run', () => {
    const { Recorded, tracked } = entryPoints();
    const made = new Recorded('button', {}, withBehaviors);

    expect(Object.keys(made.behaviors)).toEqual(['control', 'candidate']);
    expect(tracked).toEqual([]);
  });

  test('take a variant or leave it out, and a context or leave it out', () => {
    const { Recorded } = entryPoints();

    expect(new Recorded('button', 'red').variant()).toBe('red');
    expect(new Recorded('button', 'red', { user_id: 1 }).context().value).toEqual({ user_id: 1 });
    expect(new Recorded('button', undefined, { user_id: 1 }).variant()).toBe('control');
    expect(Recorded.run('button', (e) => withBehaviors(e).run())).toBe('control');
    expect(
      experiment('button', 'candidate', (e) =>
        withBehaviors(e)
          .runIf(() => false)
          .run(),
      ),
    ).toBe('candidate');
  });
});

describe('the DSL', () => {
  test('use is the control, try the candidate or a variant of its name', () => {
    const one = new Experiment('button');
    one
      .use(() => 'old')
      .try(() => 'new')
      .try('red', () => 'red');

    expect(Object.keys(one.behaviors)).toEqual(['control', 'candidate', 'red']);
    expect(one.behaviors.red?.()).toBe('red');
  });

  test('variantNames leaves out the control', () => {
    expect(withBehaviors(new Experiment('button')).variantNames).toEqual(['candidate']);
  });

  test('context merges', () => {
    const one = new Experiment('button', { user_id: 1, version: 1 });
    one.context({ version: 2 });
    one.context({ project_id: 3 });

    expect(one.context().value).toEqual({ user_id: 1, version: 2, project_id: 3 });
  });

  test('variant sets and resolves', () => {
    const one = new Experiment('button');

    expect(one.variant()).toBe('control');
    expect(one.variant('red')).toBe('red');
    expect(one.variant()).toBe('red');
  });

  test('run takes a variant', () => {
    expect(withBehaviors(new (recordGem().Recorded)('button')).run('candidate')).toBe('candidate');
  });

  test('track tracks an action with its arguments', () => {
    const { Recorded, tracked } = recordGem();
    withBehaviors(new Recorded('button')).track('clicked', { value: 9.99 });

    expect(tracked).toEqual([['clicked', { value: 9.99 }]]);
  });
});

describe('the resolver', () => {
  test('is called with the variant that was asked for', () => {
    const asked: (string | undefined)[] = [];
    const { Recorded } = recordGem({ resolver: (requested) => `${asked.push(requested)}` });
    new Recorded('button', 'red').variant();
    new Recorded('button').variant();

    expect(asked).toEqual(['red', undefined]);
  });

  test('resolves once', () => {
    let draws = 0;
    const { Recorded } = recordGem({ resolver: () => (draws++ === 0 ? 'candidate' : 'control') });
    const one = withBehaviors(new Recorded('button'));

    expect([one.variant(), one.run(), one.variant()]).toEqual(['candidate', 'candidate', 'candidate']);
  });

  test('may be a rollout, which a variant asked for goes before', () => {
    const { Recorded } = recordGem({ resolver: resolveByRollout(percent({ control: 50, candidate: 50 })) });
    const drawn = Array.from({ length: 100 }, (_, user_id) => withBehaviors(new Recorded('button', { user_id })).run());

    expect(new Set(drawn)).toEqual(new Set(['control', 'candidate']));
    expect(withBehaviors(new Recorded('button', 'candidate', { user_id: 1 })).run()).toBe('candidate');
  });

  test('gives the control to whom the coverage leaves out', () => {
    const { Recorded } = recordGem({ resolver: resolveByRollout(percent({ control: 0, candidate: 100 }), 0) });

    expect(withBehaviors(new Recorded('button', { user_id: 1 })).run()).toBe('control');
  });
});

describe('run', () => {
  test.each([[null], [false], [undefined], ['value']])('runs once and remembers %s', (value) => {
    const { Recorded, tracked } = recordGem();
    let calls = 0;
    const one = new Recorded('button')
      .try(() => 'new')
      .use(() => {
        calls++;
        return value;
      });

    expect([one.run(), one.run()]).toEqual([value, value]);
    expect(calls).toBe(1);
    expect(tracked).toHaveLength(1);
  });

  test('runs only the chosen behavior', () => {
    const called: string[] = [];
    const one = new (recordGem().Recorded)('button', 'red');
    one
      .use(() => called.push('control'))
      .try('red', () => called.push('red'))
      .try('blue', () => called.push('blue'));
    one.run();

    expect(called).toEqual(['red']);
  });

  test('tracks the assignment also when the behavior throws, then rethrows, each time the same', () => {
    const { Recorded, tracked } = recordGem();
    let calls = 0;
    const one = new Recorded('button')
      .try(() => 'new')
      .use(() => {
        throw new Error(`broken ${++calls}`);
      });

    expect(() => one.run()).toThrow('broken 1');
    expect(() => one.run()).toThrow('broken 1');
    expect(tracked).toEqual([['assignment', {}]]);
  });

  test('tracks after the behavior', () => {
    const order: string[] = [];
    const { Recorded } = recordGem({ tracking: () => void order.push('tracked') });
    new Recorded('button')
      .use(() => order.push('ran'))
      .try(() => 'new')
      .run();

    expect(order).toEqual(['ran', 'tracked']);
  });

  test('freezes behaviors, context and variant', () => {
    const one = withBehaviors(new (recordGem().Recorded)('button', { user_id: 1 }));
    one.run();

    expect(() => one.try('red', () => 'red')).toThrow(AlreadyRunError);
    expect(() => one.use(() => 'other')).toThrow(AlreadyRunError);
    expect(() => one.context({ user_id: 2 })).toThrow(AlreadyRunError);
    expect(() => one.variant('red')).toThrow(AlreadyRunError);
    expect(one.context().value).toEqual({ user_id: 1 });
  });
});

describe('nothing is tracked', () => {
  test('with fewer than two behaviors', () => {
    const { Recorded, tracked } = recordGem();

    expect(new Recorded('button').use(() => 'old').run()).toBe('old');
    expect(tracked).toEqual([]);
  });

  test('where the experiment is not enabled, and the chosen behavior runs all the same', () => {
    const { Recorded, tracked } = recordGem();
    class Disabled extends Recorded {
      override enabled(): boolean {
        return false;
      }
    }

    expect(withBehaviors(new Disabled('button', 'candidate')).run()).toBe('candidate');
    expect(tracked).toEqual([]);
  });

  test('where runIf says no, and the chosen behavior runs all the same', () => {
    const { Recorded, tracked } = recordGem();

    expect(
      withBehaviors(new Recorded('button', 'candidate'))
        .runIf(() => false)
        .run(),
    ).toBe('candidate');
    expect(tracked).toEqual([]);
    withBehaviors(new Recorded('button'))
      .runIf(() => true)
      .run();
    expect(tracked).toHaveLength(1);
  });
});

describe('errors', () => {
  test('a variant without a behavior is one', () => {
    expect(() => withBehaviors(new Experiment('button', 'red')).run()).toThrow(BehaviorMissingError);
    expect(() => new Experiment('button').run()).toThrow(BehaviorMissingError);
  });

  test('two behaviors for a variant are one', () => {
    expect(() => new Experiment('button').use(() => 1).use(() => 2)).toThrow(BehaviorNotUniqueError);
    expect(() => new Experiment('button').try(() => 1).try('candidate', () => 2)).toThrow(BehaviorNotUniqueError);
  });

  test.each([
    [
      'throws',
      () => {
        throw new Error('tracking');
      },
    ],
    ['rejects', () => Promise.reject(new Error('tracking'))],
  ])('tracking that %s goes to onError and breaks nothing', async (_, tracking) => {
    const { Recorded, errors } = recordGem({ tracking });

    expect(withBehaviors(new Recorded('button')).run()).toBe('control');
    await Promise.resolve();
    expect(errors).toEqual([new Error('tracking')]);
  });

  test('an onError that throws breaks nothing either', () => {
    const fail = () => {
      throw new Error('again');
    };

    expect(withBehaviors(new (recordGem({ tracking: fail, onError: fail }).Recorded)('button')).run()).toBe('control');
  });
});
