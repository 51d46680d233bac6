import { InvalidDefinitionError } from '../errors.ts';
import { controlOf, findVariant } from '../experiment/definition.ts';
import { createExperiments } from '../experiment/experiments.ts';
import type { Experiments } from '../experiment/experiments.ts';
import { hmacSha256 } from '../hash/hmac.ts';
import type { TrackedEvent } from '../tracker/tracked-event.ts';

export interface StubbedExperiments extends Experiments {
  /** What has been tracked, in order. Nothing is sent. */
  readonly events: readonly TrackedEvent[];
}

/** Experiments for tests: each shows the variant named here, or else the control, and remembers what it tracked. */
export const stub = (variants: Readonly<Record<string, string>> = {}): StubbedExperiments => {
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
};
