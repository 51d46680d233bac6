import { configurationOf } from '../../../sdk/src/gem-style/experiment.ts';
import type { Configuration } from '../../../sdk/src/gem-style/experiment.ts';
import { Experiment } from '../../../sdk/src/gem-style/experiment.ts';

/** Experiments of their own configuration, which write down what they track, log and report. */
export const recordGem = (changes: Partial<Configuration> = {}) => {
  const tracked: [action: string, args: object][] = [];
  const lines: string[] = [];
  const errors: unknown[] = [];
  class Recorded extends Experiment {
    static override readonly configuration = configurationOf({
      tracking: (_, action, args) => void tracked.push([action, args]),
      logger: { info: (line) => void lines.push(line) },
      onError: (error) => void errors.push(error),
      ...changes,
    });
  }
  return { Recorded, tracked, lines, errors };
};

/** With a control and a candidate that say their names. */
export const withBehaviors = <E extends Experiment>(one: E): E => one.use(() => 'control').try(() => 'candidate');
