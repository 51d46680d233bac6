/** Six colours, each with a dash of its own, so that no reader needs the colour. The baseline (0) is grey. */
export function seriesClass(variantIndex: number): string {
  return variantIndex <= 0 ? 'series-0' : `series-${((variantIndex - 1) % 6) + 1}`;
}
