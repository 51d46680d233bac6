import { createEvent } from '../experiment/event.ts';
import { hmacSha256 } from '../key/sha256.ts';
import { requireIdentity } from '../key/usable-id.ts';
import type { RolloutRequest } from '../rollout.ts';
import { EXPOSURE } from '../tracker/outbox.ts';
import type { Tracker } from '../tracker/tracker.ts';
import type { Experiment, Resolver, TrackingBehavior } from './experiment.ts';

interface ImmediateRollout {
  choose(request: RolloutRequest): string | undefined;
}

/**
 * A resolver that draws by a rollout where no variant was asked for. Whom the coverage leaves out gets the control, and
 * so does whoever the context does not tell from others.
 */
export function resolveByRollout(rollout: ImmediateRollout, coverage = 1): Resolver {
  return (requested, experiment) => {
    if (requested !== undefined) return requested;
    if (experiment.isExcluded || !identifies(experiment)) return 'control';
    const variants = Object.keys(experiment.behaviors);
    const id = experiment.context().key;
    return rollout.choose({ name: experiment.name, id, variants, coverage }) ?? 'control';
  };
}

function identifies(experiment: Experiment): boolean {
  try {
    requireIdentity(experiment.context().value);
    return true;
  } catch {
    // Told when the assignment is tracked.
    return false;
  }
}

/**
 * A tracking behavior that counts in the backend: assignments as exposures, all else as goals of that name. Throws, for
 * `onError` to hear, where the context does not tell the visitor from others.
 */
export function sendToTracker(tracker: Pick<Tracker, 'track'>, namespace = 'alephbet'): TrackingBehavior {
  return (experiment, action, { value }) => {
    if (experiment.isExcluded) return;
    requireIdentity(experiment.context().value);
    const { key, group } = experiment.signature;
    const subject = { namespace, experiment: experiment.name, variant: group, unit: key };
    const isExposure = action === 'assignment';
    const details = { once: isExposure, value: typeof value === 'number' ? value : undefined };
    tracker.track(createEvent(hmacSha256, subject, isExposure ? EXPOSURE : action, details));
  };
}
