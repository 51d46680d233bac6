/** Three significant digits: `0.01234` -> `0.0123`. */
export function threeDigits(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** A share in three significant digits: `0.01234` -> `1.23 %`. */
export function percent(share: number): string {
  return `${threeDigits(share * 100)} %`;
}
