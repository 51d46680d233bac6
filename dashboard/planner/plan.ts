/** What is planned. Shares from 0 to 1; `lift` is relative to `rate`. */
export interface Plan {
  rate: number;
  lift: number;
  alpha: number;
  power: number;
  /** How many variants there are, the baseline among them. */
  arms: number;
}

/** No experiment is planned for more than this many participants in each variant. */
const MOST_PER_ARM = 1e10;

/**
 * Participants in each variant for one look at the end: the two-sided pooled z test, Fleiss 1981 without his continuity
 * correction, rounded up. Several variants share alpha (Bonferroni).
 */
export function fixedSize({ rate, lift, alpha, power, arms }: Plan): number {
  const other = rate * (1 + lift);
  const pooled = (rate + other) / 2;
  const critical = upperQuantile(sharedAlpha(alpha, arms) / 2);
  const underNull = critical * Math.sqrt(2 * pooled * (1 - pooled));
  const underAlternative = upperQuantile(1 - power) * Math.sqrt(spreadOf(rate, other));
  return Math.ceil(((underNull + underAlternative) / (other - rate)) ** 2);
}

/** The chance that one look, with `perArm` participants in each variant, sees the lift. */
export function fixedPower(plan: Omit<Plan, 'power'>, perArm: number): number {
  const other = plan.rate * (1 + plan.lift);
  const pooled = (plan.rate + other) / 2;
  const critical = upperQuantile(sharedAlpha(plan.alpha, plan.arms) / 2);
  const surplus = critical * Math.sqrt(2 * pooled * (1 - pooled)) - Math.sqrt(perArm) * Math.abs(other - plan.rate);
  return upperTail(surplus / Math.sqrt(spreadOf(plan.rate, other)));
}

/**
 * Participants in each variant until the sequential method, looked at as often as one likes, sees the lift with the
 * wanted power: as many as its interval needs at that very look, so that looks before it can only help.
 */
export function sequentialSize(plan: Plan): number {
  return smallest((perArm) => sequentialPower(plan, perArm) >= plan.power);
}

/** The chance that the sequential method sees the lift at its look at `perArm` participants in each variant. */
export function sequentialPower({ rate, lift, alpha, arms }: Omit<Plan, 'power'>, perArm: number): number {
  const other = rate * (1 + lift);
  const standardError = Math.sqrt(spreadOf(rate, other) / perArm);
  return upperTail(
    sequentialMultiplier(2 * perArm, alpha, sharedAlpha(alpha, arms)) - Math.abs(other - rate) / standardError,
  );
}

/** The smallest rise, relative, that `perArm` participants show with the wanted power; null where no rise would be seen. */
export function smallestLift(
  plan: Omit<Plan, 'lift'>,
  perArm: number,
  powerOf: (plan: Omit<Plan, 'power'>, perArm: number) => number,
): number | null {
  let [low, high] = [0, (1 - plan.rate) / plan.rate];
  if (powerOf({ ...plan, lift: high * (1 - 1e-9) }, perArm) < plan.power) return null;
  while (high - low > 1e-6 * high) {
    const middle = (low + high) / 2;
    if (powerOf({ ...plan, lift: middle }, perArm) >= plan.power) high = middle;
    else low = middle;
  }
  return high;
}

/** Standard errors that the confidence sequence extends; see stats/methods/sequential.ts, whose numbers these are. */
export function sequentialMultiplier(participants: number, alpha: number, ownAlpha: number): number {
  const surprise = -2 * Math.log(alpha);
  const r = (participants * (surprise + Math.log(surprise + 1))) / 5000;
  return Math.sqrt(((2 * (r + 1)) / r) * (Math.log1p(r) / 2 - Math.log(ownAlpha)));
}

function sharedAlpha(alpha: number, arms: number): number {
  return alpha / (arms - 1);
}

function spreadOf(rate: number, other: number): number {
  return rate * (1 - rate) + other * (1 - other);
}

/** The smallest whole number that is enough, where every larger one is, too. */
function smallest(isEnough: (count: number) => boolean): number {
  let high = 2;
  while (!isEnough(high) && high < MOST_PER_ARM) high *= 2;
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/*
 * The normal distribution to about nine digits in a few hundred bytes. The verdicts come from the server, whose special
 * functions are exact to the last digit; a plan needs neither their precision nor their weight.
 */

/** P(Z > z): Simpson's rule over the density from z to where nothing is left. Exact to about 1e-9 for |z| <= 8. */
export function upperTail(z: number): number {
  if (z < 0) return 1 - upperTail(-z);
  if (z > 38) return 0;
  const steps = 400;
  const step = 10 / steps;
  let sum = 0;
  for (let i = 0; i <= steps; i++) {
    const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * density(z + i * step);
  }
  return (sum * step) / 3;
}

/** The z that leaves `tail` above it, in (0, 1). Newton's steps from 0: the tail is convex there, so none overshoots. */
export function upperQuantile(tail: number): number {
  if (tail > 0.5) return -upperQuantile(1 - tail);
  let z = 0;
  for (let i = 0; i < 60; i++) {
    const step = (upperTail(z) - tail) / density(z);
    z += step;
    if (Math.abs(step) < 1e-10) break;
  }
  return z;
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}
