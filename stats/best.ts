import { chanceToBeBest, expectedLoss } from './bayesian';
import { shortageOf } from './enough-data';
import type { ArmMeasurement } from './measurement';
import { createPosterior, mirrored } from './posterior';
import type { Best, Better } from '../shared/contract/statistics.ts';

/** For each arm the chance to be the best of all, and what choosing it may cost; null unless all are rates with enough data. */
export function findBest(arms: readonly ArmMeasurement[], better: Better): readonly Best[] | null {
  const rates = arms.flatMap((arm) => (arm.kind === 'proportion' ? [arm] : []));
  const [first] = rates;
  if (first === undefined || rates.length < arms.length) return null;
  if (rates.some(({ progress }) => shortageOf(first.progress, progress, 'proportion') !== null)) return null;

  const posteriors = rates.map(({ counts }) => {
    const posterior = createPosterior(counts);
    return better === 'higher' ? posterior : mirrored(posterior);
  });
  return posteriors.map((posterior) => {
    const others = posteriors.filter((other) => other !== posterior);
    return { chance: chanceToBeBest(posterior, others), expectedLoss: expectedLoss(posterior, others) };
  });
}
