import type { Mutation } from '../world/world.ts';
import type { Weather } from '../schedules/generate.ts';
import { catchUpRules } from './of-catch-up.ts';
import { checkpointRules } from './of-checkpoints.ts';
import { claimRules } from './of-claims.ts';
import { deletionRules } from './of-deletions.ts';
import { generationRules } from './of-generations.ts';
import type { ScenarioName } from '../schedules/scenarios.ts';
import { graceRules } from './of-grace.ts';
import { recordRules } from './of-records.ts';
import { visitorGoalRules } from './of-visitor-goals.ts';
import { versionRules } from './of-versions.ts';
import { watermarkRules } from './of-watermarks.ts';

/** A rule that exactly-once counting needs, and the product with that rule taken out. */
export interface Rule {
  /** As a law; without it, events are lost or counted twice, or a promise is broken. */
  name: string;
  /** Makes the mutation, with a memory of its own for each schedule. */
  breakIt: () => Mutation;
  shownBy: Weathered | Enumerated;
  /** Without it counters are right in the end, but something else that is promised does not hold on the way. */
  keepsCounters?: boolean;
  /** Why no schedule can show a difference, where none can. */
  harmless?: string;
}

/** Random schedules in such weather; the difference showed at this seed. */
export interface Weathered {
  weather: Partial<Weather> | 'long' | 'long with visitor goals' | 'outage' | 'log' | 'astray';
  seed: number;
}

/** One mischief at each call of one scenario. */
export interface Enumerated {
  scenario: ScenarioName;
  mischief: string;
}

export const rules: readonly Rule[] = [
  ...claimRules,
  ...watermarkRules,
  ...versionRules,
  ...recordRules,
  ...visitorGoalRules,
  ...graceRules,
  ...checkpointRules,
  ...catchUpRules,
  ...generationRules,
  ...deletionRules,
];
