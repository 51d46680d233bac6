import { createEvent } from '../experiment/event.ts';
import { hmacSha256 } from '../hash/hmac.ts';
import { exposureEvent } from '../tracker/tracked-event.ts';
import type { Tracker } from '../tracker/tracker.ts';
import type { TrackingBehavior } from './configuration.ts';

/** A tracking behavior that counts in the backend: assignments as exposures, all else as goals of that name. */
export const sendToTracker =
  (tracker: Pick<Tracker, 'track'>, namespace = 'alephbet'): TrackingBehavior =>
  (experiment, action, { value }) => {
    const { key, group } = experiment.signature;
    const subject = { namespace, experiment: experiment.name, variant: group, unit: key };
    const isExposure = action === 'assignment';
    const details = { once: isExposure, value: typeof value === 'number' ? value : undefined };
    tracker.track(createEvent(hmacSha256, subject, isExposure ? exposureEvent : action, details));
  };
