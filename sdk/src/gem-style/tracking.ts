import { createEvent } from '../experiment/event.ts';
import { hmacSha256 } from '../key/sha256.ts';
import type { RolloutRequest } from '../rollout.ts';
import { EXPOSURE } from '../tracker/outbox.ts';
import type { Tracker } from '../tracker/tracker.ts';
import type { Resolver, TrackingBehavior } from './experiment.ts';

interface ImmediateRollout {
  choose(request: RolloutRequest): string | undefined;
}

/** A resolver that draws by a rollout where no variant was asked for. Whom the coverage leaves out gets the control. */
export function resolveByRollout(rollout: ImmediateRollout, coverage = 1): Resolver {
  return (requested, experiment) => {
    const variants = Object.keys(experiment.behaviors);
    const id = experiment.context().key;
    return requested ?? rollout.choose({ name: experiment.name, id, variants, coverage }) ?? 'control';
  };
}

/** A tracking behavior that counts in the backend: assignments as exposures, all else as goals of that name. */
export function sendToTracker(tracker: Pick<Tracker, 'track'>, namespace = 'alephbet'): TrackingBehavior {
  return (experiment, action, { value }) => {
    const { key, group } = experiment.signature;
    const subject = { namespace, experiment: experiment.name, variant: group, unit: key };
    const isExposure = action === 'assignment';
    const details = { once: isExposure, value: typeof value === 'number' ? value : undefined };
    tracker.track(createEvent(hmacSha256, subject, isExposure ? EXPOSURE : action, details));
  };
}
