import type { RolloutRequest } from '../rollout/rollout.ts';
import type { Resolver } from './configuration.ts';

interface ImmediateRollout {
  choose(request: RolloutRequest): string | undefined;
}

/** A resolver that draws by a rollout where no variant was asked for. Whom the coverage leaves out gets the control. */
export const resolveByRollout =
  (rollout: ImmediateRollout, coverage = 1): Resolver =>
  (requested, experiment) => {
    const variants = Object.keys(experiment.behaviors);
    const id = experiment.context().key;
    return requested ?? rollout.choose({ name: experiment.name, id, variants, coverage }) ?? 'control';
  };
