import { DomainError, requireBetween0And1, requirePositive } from './numeric/domain.ts';
import { undetermined } from './estimate.ts';
import type { Undetermined } from '../shared/contract/statistics.ts';
import { criticalZ, normalUpperQuantile, normalUpperTail } from './numeric/distributions.ts';
import { findRoot } from './numeric/solve.ts';

/** What is planned: the two rates to tell apart, and the two errors accepted. */
export interface Plan {
  readonly controlRate: number;
  readonly variantRate: number;
  readonly alpha: number;
  /** The wanted chance to see the difference if it is there, such as 0.8. */
  readonly power: number;
  /** Participants of the variant for each one of the control; 1 unless given. */
  readonly allocation?: number;
}

/**
 * Participants needed in the control (times `allocation` in the variant) for a two-sided pooled z test, Fleiss 1981
 * without his continuity correction: (z·sqrt((k+1)·p̄q̄) + zβ·sqrt(k·p0q0 + p1q1))² / (k·(p1-p0)²), k the allocation.
 * Not rounded: round up. Rates, alpha and power in (0, 1) and the rates different, else a DomainError.
 */
export function sampleSizePerArm({ power, ...plan }: Plan): number {
  requireBetween0And1('the power', power);
  const { difference, underNull, underAlternative, critical, allocation } = ingredientsOf(plan);
  return (
    (critical * underNull + normalUpperQuantile(1 - power) * underAlternative) ** 2 / (allocation * difference ** 2)
  );
}

/**
 * The chance that the two-sided pooled z test sees the difference with `controlParticipants` (the inverse of
 * `sampleSizePerArm`; the chance to see it in the wrong direction is left out). Same domain.
 */
export function powerOf(plan: Omit<Plan, 'power'>, controlParticipants: number): number {
  requirePositive('the participants of the control', controlParticipants);
  const { difference, underNull, underAlternative, critical, allocation } = ingredientsOf(plan);
  const seen = Math.sqrt(allocation * controlParticipants) * Math.abs(difference);
  return normalUpperTail((critical * underNull - seen) / underAlternative);
}

function ingredientsOf({ controlRate, variantRate, alpha, allocation = 1 }: Omit<Plan, 'power'>) {
  requireBetween0And1("the control's rate", controlRate);
  requireBetween0And1("the variant's rate", variantRate);
  requirePositive('the allocation', allocation);
  const difference = variantRate - controlRate;
  if (difference === 0) throw new DomainError("the variant's rate", "another than the control's", variantRate);

  const pooled = (controlRate + allocation * variantRate) / (allocation + 1);
  const underNull = Math.sqrt((allocation + 1) * pooled * (1 - pooled));
  const underAlternative = Math.sqrt(allocation * controlRate * (1 - controlRate) + variantRate * (1 - variantRate));
  return { difference, underNull, underAlternative, critical: criticalZ(alpha), allocation };
}

export interface DetectableEffect {
  /** The difference in rate. */
  readonly value: number;
  /** The same relative to the control's rate. */
  readonly lift: number;
}

/**
 * The smallest rise of the control's rate that `controlParticipants` show with the wanted power. Undetermined when even
 * a rise to 100 % would not be seen. Domain as in `sampleSizePerArm`.
 */
export function minimumDetectableEffect(
  plan: Omit<Plan, 'variantRate'>,
  controlParticipants: number,
): DetectableEffect | Undetermined {
  const { controlRate, power } = plan;
  requireBetween0And1('the power', power);
  requireBetween0And1("the control's rate", controlRate);
  const surplus = (difference: number): number =>
    powerOf({ ...plan, variantRate: controlRate + difference }, controlParticipants) - power;

  const smallest = controlRate * 2 ** -40;
  const largest = (1 - controlRate) * (1 - 2 ** -40);
  if (surplus(largest) < 0) return undetermined('too few participants to see any rise');
  const value = findRoot(surplus, smallest, largest);
  return { value, lift: value / controlRate };
}

/** Beyond 2,700 years the number is not one to plan by. */
const endlessDays = 1_000_000;

export interface Progress {
  /** The standard error of the difference so far. */
  readonly standardError: number;
  /** The smallest difference worth knowing, in the unit of the standard error. */
  readonly effect: number;
  /** Participants so far, and new ones each day, over all arms. */
  readonly participants: number;
  readonly participantsPerDay: number;
  /** Standard errors that the method's interval extends: a normal quantile, or that of a confidence sequence. */
  readonly multiplier: number;
  readonly power: number;
}

/**
 * Days until a difference of `effect` would be seen with the wanted power if the standard error keeps falling with the
 * root of n: ceil(k·n/daily), k = max(0, ((z + zβ)·SE/effect)² - 1). 0 when it would be seen already, at most a million.
 * Effect, standard error, participants and daily participants above 0, power in (0, 1), else a DomainError.
 */
export function daysLeft({
  standardError,
  effect,
  participants,
  participantsPerDay,
  multiplier,
  power,
}: Progress): number {
  requirePositive('the standard error', standardError);
  requirePositive('the effect', effect);
  requirePositive('participants', participants);
  requirePositive('participants per day', participantsPerDay);
  requirePositive('the multiplier', multiplier);
  requireBetween0And1('the power', power);
  const growth = ((multiplier + normalUpperQuantile(1 - power)) * standardError) / effect;
  return Math.min(endlessDays, Math.ceil(Math.max(0, growth ** 2 - 1) * (participants / participantsPerDay)));
}
