import type { Interval, Undetermined, Estimate } from '../shared/contract/statistics.ts';
/** An estimate whose both ends are known. */
export interface BoundedEstimate extends Interval {
  readonly value: number;
}

export function undetermined(reason: string): Undetermined {
  return { value: null, reason };
}

/** Whether an interval excludes zero; an end at infinity never does so by itself. */
export function excludesZero({ low, high }: Pick<Estimate, 'low' | 'high'>): boolean {
  return (low !== null && low > 0) || (high !== null && high < 0);
}
