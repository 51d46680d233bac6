/** A rule of numerical integration on [-1, 1]. */
export interface Quadrature {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/**
 * Gauss-Legendre nodes and weights (Gauss 1814): the roots of the Legendre polynomial of degree `size` by Newton's
 * method from Tricomi's approximation, and 2 / ((1 - x²)·P'(x)²). `size` a whole number from 1.
 */
export function createGaussLegendre(size: number): Quadrature {
  const nodes: number[] = [];
  const weights: number[] = [];
  for (let i = 1; i <= size; i++) {
    let x = -Math.cos((Math.PI * (i - 0.25)) / (size + 0.5));
    for (let iteration = 0; iteration < 8; iteration++) {
      const { value, slope } = legendre(size, x);
      x -= value / slope;
    }
    nodes.push(x);
    weights.push(2 / ((1 - x * x) * legendre(size, x).slope ** 2));
  }
  return { nodes, weights };
}

/** The Legendre polynomial and its derivative at x, by Bonnet's recursion. */
function legendre(degree: number, x: number): { value: number; slope: number } {
  let [previous, value] = [1, x];
  for (let k = 2; k <= degree; k++) {
    [previous, value] = [value, ((2 * k - 1) * x * value - (k - 1) * previous) / k];
  }
  return { value, slope: (degree * (x * value - previous)) / (x * x - 1) };
}

/** The integral of f from `low` to `high` by one application of the rule. */
export function integrate(f: (x: number) => number, low: number, high: number, { nodes, weights }: Quadrature): number {
  const half = (high - low) / 2;
  const middle = (high + low) / 2;
  let sum = 0;
  for (let i = 0; i < nodes.length; i++) sum += (weights[i] ?? 0) * f(middle + half * (nodes[i] ?? 0));
  return sum * half;
}
