// Compiled, never run: what the types must infer, and what they must refuse.
import { createExperiments, defineExperiment, Experiment, percent, random, roundRobin } from '../../sdk/src/node.ts';
import type { Assignment } from '../../sdk/src/node.ts';

type IsAny<T> = 0 extends 1 & T ? true : false;
type Equal<A, B> = IsAny<B> extends true ? false : [A] extends [B] ? ([B] extends [A] ? true : false) : false;
declare function expectType<T>(): <U>(value: U, ...differs: Equal<T, U> extends true ? [] : [never]) => void;

const experiments = createExperiments({ endpoint: 'http://127.0.0.1:3000', onError: () => undefined });

const colors = defineExperiment({
  name: 'colors',
  variants: { control: () => 'old', red: () => Promise.resolve(7) },
  rollout: percent({ control: 50, red: 50 }),
  exclude: [(c) => c.internal],
  segment: [{ when: (c) => c.beta, variant: 'red' }],
  stickyTo: (c) => c.projectId,
});

// Variants and what run answers are inferred.
const visit = experiments.for(colors, { userId: 1 });
expectType<Promise<Assignment<'control' | 'red'>>>()(visit.assign());
expectType<Promise<string | number>>()(visit.run());
void visit.assign().then(({ variant }) => {
  expectType<'control' | 'red'>()(variant);
  // @ts-expect-error -- there is no such variant
  return variant === 'blue';
});

// A wrong variant's name is an error, wherever it is written.
defineExperiment({
  name: 'colors',
  variants: { control: () => 1, red: () => 2 },
  // @ts-expect-error -- there is no such variant
  rollout: percent({ control: 50, blue: 50 }),
});
defineExperiment({
  name: 'colors',
  variants: { control: () => 1, red: () => 2 },
  // @ts-expect-error -- there is no such variant
  segment: [{ when: () => true, variant: 'blue' }],
});
// @ts-expect-error -- a variant is a behavior
defineExperiment({ name: 'colors', variants: { control: 'old', red: () => 2 } });

// Rollouts that know no names fit every experiment.
defineExperiment({ name: 'colors', variants: { control: () => 1, red: () => 2 }, rollout: random() });
defineExperiment({ name: 'colors', variants: { control: () => 1, red: () => 2 }, rollout: roundRobin() });

// A context may have a type of its own, which rules then know and visits must have.
interface Visitor {
  readonly userId: number;
  readonly internal?: boolean;
}
const typed = defineExperiment({
  name: 'typed',
  variants: { control: () => 1, red: () => 2 },
  exclude: [(visitor: Visitor) => visitor.internal],
});
experiments.for(typed, { userId: 1 });
// @ts-expect-error -- the context lacks what the rules look at
experiments.for(typed, { internal: true });
// @ts-expect-error -- and a date makes no stable key
experiments.for(colors, { since: new Date() });

// Factories keep the types.
const defineSizes = <T extends number>(small: () => T, large: () => T) =>
  defineExperiment({ name: 'sizes', variants: { control: small, large } });
const sizes = defineSizes(
  () => 1,
  () => 2,
);
expectType<Promise<1 | 2>>()(experiments.for(sizes, {}).run());

// In the gem's style: the experiment, or what the block's own run gave.
class Cancellation extends Experiment {
  readonly isCancellation = true;
}
expectType<Cancellation>()(
  Cancellation.run('cancel', { user_id: 1 }, (e) => {
    expectType<Cancellation>()(e);
  }),
);
expectType<unknown>()(Cancellation.run('cancel', 'button', {}, (e) => e.run()));
// @ts-expect-error -- an experiment has a name
Cancellation.run({ user_id: 1 });
// @ts-expect-error -- errors need somewhere to go
createExperiments({ endpoint: 'http://127.0.0.1:3000' });
