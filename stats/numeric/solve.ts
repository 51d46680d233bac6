const maxIterations = 200;

/**
 * The x between `low` and `high` where f crosses zero, to the last digits of a double or to within `precision`.
 * Chandrupatla 1997: inverse quadratic interpolation where it is safe, bisection elsewhere.
 * f must be monotone with different signs at the ends; if it is not, the end nearer to zero is the answer,
 * which is what a bound at the edge of its range (a rate at 0 or 1) asks for.
 */
export function findRoot(f: (x: number) => number, low: number, high: number, precision = 0): number {
  let [a, fa] = [low, f(low)];
  let [b, fb] = [high, f(high)];
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (fa > 0 === fb > 0) return Math.abs(fa) < Math.abs(fb) ? a : b;

  let step = 0.5;
  for (let i = 0; i < maxIterations; i++) {
    const x = a + step * (b - a);
    const fx = f(x);
    // c is the point given up; a becomes the newest point, b the one on the other side of the root.
    const sameSide = fx > 0 === fa > 0;
    const [c, fc] = sameSide ? [a, fa] : [b, fb];
    if (!sameSide) [b, fb] = [a, fa];
    [a, fa] = [x, fx];

    const [best, fBest] = Math.abs(fa) < Math.abs(fb) ? [a, fa] : [b, fb];
    const tolerance = 2 * Number.EPSILON * Math.abs(best) + precision + Number.MIN_VALUE;
    const smallestStep = tolerance / Math.abs(b - a);
    if (fBest === 0 || smallestStep > 0.5) return best;

    step = Math.min(1 - smallestStep, Math.max(smallestStep, nextStep({ a, fa, b, fb, c, fc })));
  }
  return (a + b) / 2;
}

interface Bracket {
  readonly a: number;
  readonly fa: number;
  readonly b: number;
  readonly fb: number;
  readonly c: number;
  readonly fc: number;
}

/** Where between a (0) and b (1) to look next: by the parabola through three points if it is monotone, else the middle. */
function nextStep({ a, fa, b, fb, c, fc }: Bracket): number {
  const xi = (a - b) / (c - b);
  const phi = (fa - fb) / (fc - fb);
  const parabolaIsSafe = phi ** 2 < xi && (1 - phi) ** 2 < 1 - xi;
  if (!parabolaIsSafe) return 0.5;
  const step = (fa / (fb - fa)) * (fc / (fb - fc)) + ((c - a) / (b - a)) * (fa / (fc - fa)) * (fb / (fc - fb));
  return Number.isFinite(step) ? step : 0.5;
}

/** The root of an increasing f near `guess`: walks outwards in growing steps until the root is bracketed. */
export function findRootNear(f: (x: number) => number, guess: number, firstStep: number, precision = 0): number {
  const rising = f(guess) < 0;
  let [near, far, step] = [guess, guess, firstStep];
  for (let i = 0; i < maxIterations; i++) {
    [near, far] = [far, rising ? far + step : far - step];
    if (f(far) > 0 === rising) break;
    step *= 2;
  }
  return rising ? findRoot(f, near, far, precision) : findRoot(f, far, near, precision);
}

/**
 * The x between `low` and `high` where a falling f crosses zero, by Newton's method from `guess`, and by halves where
 * that leaves the bracket: to within 4e-15 of x. Where f does not change its sign, the end nearer to zero.
 * @param slope the derivative of f, below zero; a rough one costs steps, not digits
 */
export function findFallingRoot(
  f: (x: number) => number,
  slope: (x: number) => number,
  guess: number,
  low: number,
  high: number,
): number {
  if (f(low) <= 0) return low;
  if (f(high) >= 0) return high;
  let x = guess > low && guess < high ? guess : (low + high) / 2;
  for (let i = 0; i < maxIterations; i++) {
    const value = f(x);
    if (value > 0) low = x;
    else high = x;
    const newton = x - value / slope(x);
    const next = newton >= low && newton <= high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 4e-15 * Math.abs(next)) return next;
    x = next;
  }
  return x;
}

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
