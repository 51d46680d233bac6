import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { anEvent } from './events.ts';

export interface Arm {
  variant: string;
  participants: number;
  /** goal -> how many of the participants convert */
  goals?: Record<string, number>;
}

/** Exposures and goals of visitors with a unit of their own, in the order in which they would come. */
export function traffic(experiment: string, arms: readonly Arm[], changes: Partial<TrackedEvent> = {}): TrackedEvent[] {
  return arms.flatMap(({ variant, participants, goals = {} }) =>
    Array.from({ length: participants }, (_, i) => {
      const visitor = { experiment, variant, unit: `${variant}-${i}`, ...changes };
      return [
        anEvent(visitor),
        ...Object.entries(goals).flatMap(([event, converted]) =>
          i < converted ? [anEvent({ ...visitor, event })] : [],
        ),
      ];
    }).flat(),
  );
}
