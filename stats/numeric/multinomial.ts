import gammaln from '@stdlib/math-base-special-gammaln';

/** So many in a class, and the share of all that it should have. */
export interface ClassCount {
  readonly count: number;
  /** Above 0; the shares of all classes add up to 1. */
  readonly share: number;
}

/**
 * ln of the Bayes factor of the sequential multinomial test (Lindon, Malek 2020, arXiv 2011.03567), Dirichlet(Kθ)
 * against θ: BF = Γ(K)/Γ(K+n) · Π Γ(Kθᵢ+nᵢ)/Γ(Kθᵢ) / Π θᵢ^nᵢ. Where the shares are θ, BF reaches 1/α with a chance of
 * at most α at any number of looks, so 1/BF is a p that may be looked at all the time. It is exact for small counts.
 *
 * Written as distances from the expected counts: the logarithms of Γ themselves are ten thousand million at 10^9
 * participants, and their difference would have no digit after the fifth.
 * @param concentration K: how far from θ the shares are looked for; the larger, the smaller the deviations
 */
export function logBayesFactor(classes: readonly ClassCount[], concentration: number): number {
  const total = classes.reduce((sum, { count }) => sum + count, 0);
  const all = concentration + total;
  const terms = classes.map(({ count, share }) => {
    const prior = share * concentration;
    const surplus = (count - total * share) / (all * share);
    return (
      all * share * excessOf(surplus) -
      Math.log1p(count / prior) / 2 +
      stirlingRest(prior + count) -
      stirlingRest(prior)
    );
  });
  const together = Math.log1p(total / concentration) / 2 - stirlingRest(all) + stirlingRest(concentration);
  return terms.reduce((sum, term) => sum + term, together);
}

/** (1+δ)·ln(1+δ) − δ, for δ from -1: the information in a count that is δ of its expectation too high. */
function excessOf(delta: number): number {
  if (delta <= -1) return 1;
  if (Math.abs(delta) > 0.05) return (1 + delta) * Math.log1p(delta) - delta;
  // Σ (-δ)^k / (k(k-1)), k from 2: near zero the two terms above cancel.
  let [power, sum] = [-delta, 0];
  for (let k = 2; k < 16; k++) {
    power *= -delta;
    sum += power / (k * (k - 1));
  }
  return sum;
}

/** What Stirling's formula leaves of ln Γ(x), x > 0: ln Γ(x) − (x − ½)·ln x + x − ½·ln 2π. */
function stirlingRest(x: number): number {
  if (x < 16) return gammaln(x) - (x - 0.5) * Math.log(x) + x - Math.log(2 * Math.PI) / 2;
  const inverseSquare = 1 / (x * x);
  return (1 / 12 - inverseSquare * (1 / 360 - inverseSquare * (1 / 1260 - inverseSquare / 1680))) / x;
}
