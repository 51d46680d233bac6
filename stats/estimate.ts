/** Both ends of an interval, finite. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** A number with its interval. An end that is null lies at infinity: the data do not bound it. */
export interface Estimate {
  readonly value: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** An estimate whose both ends are known. */
export interface BoundedEstimate extends Interval {
  readonly value: number;
}

/** A number that these data do not define, and why, in words for a reader. */
export interface Undetermined {
  readonly value: null;
  readonly reason: string;
}

export function undetermined(reason: string): Undetermined {
  return { value: null, reason };
}

/** Whether an interval leaves zero out; an end at infinity never does so by itself. */
export function excludesZero({ low, high }: Pick<Estimate, 'low' | 'high'>): boolean {
  return (low !== null && low > 0) || (high !== null && high < 0);
}
