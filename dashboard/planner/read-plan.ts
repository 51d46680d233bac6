import type { PlanField } from '../state/place.ts';
import type { Plan } from './plan.ts';

export interface PlanInput {
  plan: Plan;
  /** Participants a day, in all variants together. */
  daily: number;
}

type Typed = Readonly<Record<PlanField, string>>;

const bounds: Record<PlanField, { least: number; most: number; what: string }> = {
  rate: { least: 0.0001, most: 99.99, what: 'a percentage between 0 and 100' },
  lift: { least: 0.01, most: 10_000, what: 'a percentage above 0' },
  alpha: { least: 0.0001, most: 50, what: 'a percentage between 0 and 50' },
  power: { least: 1, most: 99.99, what: 'a percentage from 1 to below 100' },
  arms: { least: 2, most: 50, what: 'a whole number from 2 to 50' },
  daily: { least: 1, most: 1e9, what: 'a number from 1' },
};

/** Why a field cannot be read; null if it can. */
export function faultOf(field: PlanField, typed: string): string | null {
  const { least, most, what } = bounds[field];
  const value = Number(typed);
  const fits = typed.trim() !== '' && value >= least && value <= most && (field !== 'arms' || Number.isInteger(value));
  return fits ? null : `Expected ${what}.`;
}

/** The plan that was typed; a sentence where it makes none. */
export function readPlan(typed: Typed): PlanInput | string {
  const fields = Object.keys(bounds) as PlanField[];
  if (fields.some((field) => faultOf(field, typed[field]) !== null)) return 'Fill in the fields above.';
  const share = (field: PlanField) => Number(typed[field]) / 100;
  const plan = {
    rate: share('rate'),
    lift: share('lift'),
    alpha: share('alpha'),
    power: share('power'),
    arms: Number(typed.arms),
  };
  if (plan.rate * (1 + plan.lift) >= 1) {
    return 'A rate that rises by so much would be 100 % or more: choose a smaller lift.';
  }
  return { plan, daily: Number(typed.daily) };
}
