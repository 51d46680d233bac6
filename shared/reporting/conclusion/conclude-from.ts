import type { DataState, Warning } from '../../contract/answers.ts';
import type { Conclusion } from '../../contract/report/conclusion.ts';
import type { Settings } from '../../../stats/experiment.ts';
import type { Facts } from '../warnings/facts.ts';
import { concludeExperiment } from './conclude-experiment.ts';

export interface OwnAnalysis {
  /** By the experiment's own method and baseline, over all visitors. */
  facts: Facts;
  settings: Settings;
  data: DataState;
  warnings: readonly Warning[];
}

/** The conclusion, from what the list and the experiment's own answer have both worked out. */
export function concludeFrom({ facts, settings, data, warnings }: OwnAnalysis): Conclusion {
  const { arrangement, analysis, whole, definition, span, now } = facts;
  return concludeExperiment({
    ...{ arrangement, goals: analysis.goals, method: settings.method, tally: whole, data, warnings },
    ...{ definition, span, participantsPerDay: settings.participantsPerDay, now },
  });
}
