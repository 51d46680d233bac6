import type { AnyDefinition, Definition } from '../experiment/definition.ts';
import type { Context } from '../key/context.ts';
import type { TrackedEvent } from '../tracker/tracked-event.ts';
import type { StubbedExperiments } from './stub.ts';

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

const result = (pass: boolean, expectation: string, received: string): MatcherResult => ({
  pass,
  // Jest and Vitest ask for the message where `pass` is not what was expected: with `.not`, where it is true.
  message: () => `Expected ${pass ? 'not ' : ''}${expectation}, got ${received}.`,
});

const show = (value: unknown): string => JSON.stringify(value);

/** The rules of a definition take their own context; a test gives them one that fits. */
const rulesOf = (definition: AnyDefinition) => definition as Definition<AnyDefinition['variants'], Context, string>;

/** Matchers for `expect.extend` of Jest and Vitest. */
export const matchers = {
  /** Whether a visitor with this context is excluded by a rule. */
  toExclude(definition: AnyDefinition, context: Context): MatcherResult {
    const isExcluded = rulesOf(definition).exclude?.some((rule) => rule(context)) ?? false;
    return result(isExcluded, `${definition.name} to exclude ${show(context)}`, isExcluded ? 'that' : 'no rule for it');
  },

  /** Whether a visitor with this context is given this variant by a segment. */
  toSegment(definition: AnyDefinition, context: Context, variant: string): MatcherResult {
    const found = rulesOf(definition).segment?.find(({ when }) => when(context))?.variant;
    const expectation = `${definition.name} to give ${variant} to ${show(context)}`;
    return result(found === variant, expectation, found ?? 'no segment for it');
  },

  /** Whether stubbed experiments have tracked an event of this name, with these properties. */
  toHaveTracked(
    { events }: Pick<StubbedExperiments, 'events'>,
    event: string,
    properties: Partial<TrackedEvent> = {},
  ): MatcherResult {
    const wanted = Object.entries({ event, ...properties });
    const has = (tracked: TrackedEvent): boolean => {
      const actual = new Map<string, unknown>(Object.entries(tracked));
      return wanted.every(([name, value]) => show(actual.get(name)) === show(value));
    };
    return result(events.some(has), `a tracked event ${show({ event, ...properties })}`, show(events));
  },
};
