/** An argument lies outside what a formula is defined for: the caller's mistake, never a property of the data. */
export class DomainError extends RangeError {
  override readonly name = 'DomainError';

  constructor(
    readonly quantity: string,
    readonly expected: string,
    readonly received: number | string,
  ) {
    super(`Expected ${quantity} to be ${expected}, got ${received}.`);
  }
}

/** A count of people or events: a whole number from 0, at most 2^53 - 1. */
export function requireCount(quantity: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw new DomainError(quantity, 'a whole number from 0', value);
}

/** A probability or rate strictly between 0 and 1. */
export function requireBetween0And1(quantity: string, value: number): void {
  if (!(value > 0 && value < 1)) throw new DomainError(quantity, 'between 0 and 1, both excluded', value);
}

export function requirePositive(quantity: string, value: number): void {
  if (!(value > 0 && Number.isFinite(value))) throw new DomainError(quantity, 'a finite number above 0', value);
}

export function requireFinite(quantity: string, value: number): void {
  if (!Number.isFinite(value)) throw new DomainError(quantity, 'a finite number', value);
}
