import type { Warning } from '../../contract/answers.ts';
import type { Facts } from './facts.ts';
import { checkBaseline, checkLeftOut } from './of-ingest.ts';
import { checkImported } from './of-imports.ts';
import {
  checkConversions,
  checkCounters,
  checkCrossovers,
  checkLookalikes,
  checkMissing,
  checkOtherSegments,
  checkSuspiciousLifts,
  checkUnknownVariants,
} from './of-counts.ts';
import { checkGoalsWithoutExposure, checkMixedUnits, checkRepeatedExposures } from './of-participation.ts';
import { checkAssumedSplit, checkSampleRatio } from './of-the-split.ts';
import {
  checkAge,
  checkCountedSince,
  checkDates,
  checkDefinitionFaults,
  checkRebuilding,
  checkSilence,
} from './of-time.ts';

const RANK: Record<Warning['severity'], number> = { problem: 0, caution: 1, note: 2 };

/** Everything that is wrong with an experiment, worst first. */
export function findWarnings(facts: Facts): Warning[] {
  const checks = [
    checkRebuilding,
    checkDefinitionFaults,
    checkCounters,
    checkSampleRatio,
    checkAssumedSplit,
    checkUnknownVariants,
    checkLookalikes,
    checkBaseline,
    checkLeftOut,
    checkSilence,
    checkConversions,
    checkMixedUnits,
    checkGoalsWithoutExposure,
    checkCrossovers,
    checkMissing,
    checkSuspiciousLifts,
    checkCountedSince,
    checkImported,
    checkRepeatedExposures,
    checkAge,
    checkDates,
    checkOtherSegments,
  ];
  return checks.flatMap((check) => check(facts)).sort((a, b) => RANK[a.severity] - RANK[b.severity]);
}
