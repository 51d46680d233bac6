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
