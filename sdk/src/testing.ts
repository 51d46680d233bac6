import { InvalidDefinitionError } from './errors.ts';
import { controlOf, findVariant } from './experiment/definition.ts';
import type { AnyDefinition, Definition } from './experiment/definition.ts';
import { createExperiments } from './experiment/experiments.ts';
import type { Experiments } from './experiment/experiments.ts';
import type { Context } from './key/context-key.ts';
import { hmacSha256 } from './key/sha256.ts';
import type { TrackedEvent } from './tracker/outbox.ts';

export interface StubbedExperiments extends Experiments {
  /** What has been tracked, in order. Nothing is sent. */
  readonly events: readonly TrackedEvent[];
}

/** Experiments for tests: each shows the variant named here, or else the control, and remembers what it tracked. */
export function stub(variants: Readonly<Record<string, string>> = {}): StubbedExperiments {
  const events: TrackedEvent[] = [];
  const tracker = { track: (event: TrackedEvent) => void events.push(event), flush: () => Promise.resolve(0) };

  const experiments = createExperiments({
    tracker,
    hmac: hmacSha256,
    onError: () => undefined,
    known: (definition) => {
      const wanted = variants[definition.name] ?? controlOf(definition);
      const variant = findVariant(definition, wanted);
      if (variant === undefined) {
        const names = Object.keys(definition.variants).join(', ');
        throw new InvalidDefinitionError(`Expected one of ${names} for ${definition.name}, got ${wanted}.`);
      }
      return { variant, reason: 'forced', key: 'stub', unit: 'stub', tracked: true };
    },
  });
  return { ...experiments, events };
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

function result(pass: boolean, expectation: string, received: string): MatcherResult {
  return {
    pass,
    // Jest and Vitest ask for the message where `pass` is not what was expected: with `.not`, where it is true.
    message: () => `Expected ${pass ? 'not ' : ''}${expectation}, got ${received}.`,
  };
}

function show(value: unknown): string {
  return JSON.stringify(value);
}

/** The rules of a definition take their own context; a test gives them one that fits. */
function rulesOf(definition: AnyDefinition) {
  return definition as Definition<AnyDefinition['variants'], Context, string>;
}

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
    function has(tracked: TrackedEvent): boolean {
      const actual = new Map<string, unknown>(Object.entries(tracked));
      return wanted.every(([name, value]) => show(actual.get(name)) === show(value));
    }
    return result(events.some(has), `a tracked event ${show({ event, ...properties })}`, show(events));
  },
};
