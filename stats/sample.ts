import { DomainError, requireCount, requireFinite } from './domain';

/** What the counters keep of a number measured on every unit: enough for its mean and variance. */
export interface Sample {
  readonly units: number;
  readonly sum: number;
  readonly sumOfSquares: number;
}

export interface SampleMean {
  readonly mean: number;
  /** Standard deviation between units, with n - 1; 0 for a single unit. */
  readonly deviation: number;
  /** The standard error of the mean: deviation / sqrt n. */
  readonly standardError: number;
}

/** Sums of doubles may be off by this part of the sum of squares before they count as contradicting. */
const roundingOfSums = 1e-9;

/** A variance below this part of the mean square is what rounding leaves of none: no real values are so alike. */
const smallestVariance = 1e-12;

/**
 * Mean, standard deviation and standard error from n, Σx and Σx²: variance = (Σx² - (Σx)²/n) / (n - 1).
 * A DomainError without units, or if Σx² is below (Σx)²/n, which no numbers can give.
 */
export function meanOf({ units, sum, sumOfSquares }: Sample): SampleMean {
  requireCount('units', units);
  requireFinite('the sum', sum);
  requireFinite('the sum of squares', sumOfSquares);
  if (units === 0) throw new DomainError('units', 'at least 1', units);

  const mean = sum / units;
  const squaresAroundMean = sumOfSquares - sum * mean;
  if (!(squaresAroundMean >= -roundingOfSums * sumOfSquares)) {
    throw new DomainError('the sum of squares', `at least the squared sum over the units, ${sum * mean}`, sumOfSquares);
  }

  const isConstant = units === 1 || squaresAroundMean < smallestVariance * sumOfSquares;
  const deviation = isConstant ? 0 : Math.sqrt(squaresAroundMean / (units - 1));
  return { mean, deviation, standardError: deviation / Math.sqrt(units) };
}
