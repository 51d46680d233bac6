import { EXPOSURE } from '../../shared/contract/event.ts';

/** A counter of Gimel or Lamed, told apart into goal and variant. */
export interface NamedCounter {
  key: string;
  event: string;
  variant: string;
}

export interface NamedCounters {
  counters: NamedCounter[];
  /** What else some keys could mean, and what they were taken for. */
  doubts: string[];
}

/**
 * Tells goal and variant apart in counter keys, `…GOAL:VARIANT` with nothing escaped. Every variant has an exposure, and
 * `participate` is known, so the variants are: what follows it. Of several that fit, the longest is taken.
 * @param suffixes of the keys of one experiment, without namespace and experiment
 */
export function nameCounters(prefix: string, suffixes: readonly string[]): NamedCounters {
  const exposures = suffixes.filter((suffix) => suffix.startsWith(`${EXPOSURE}:`));
  const variants = exposures.map((suffix) => suffix.slice(EXPOSURE.length + 1)).sort((a, b) => b.length - a.length);
  const doubts: string[] = [];
  const counters = suffixes.map((suffix) => {
    const fitting = variants.filter((variant) => suffix.length > variant.length + 1 && suffix.endsWith(`:${variant}`));
    // Without an exposure there is the rule of their own reports: the variant is the last part.
    const [variant = suffix.slice(suffix.lastIndexOf(':') + 1)] = fitting;
    const event = suffix.slice(0, Math.max(0, suffix.length - variant.length - 1));
    const isClear = fitting.length === 1 || (fitting.length === 0 && suffix.split(':').length === 2);
    if (!isClear) {
      doubts.push(
        `${prefix}${suffix} can be read in several ways: taken for goal ${JSON.stringify(event)}, variant ${JSON.stringify(variant)}`,
      );
    }
    return { key: prefix + suffix, event, variant };
  });
  return { counters, doubts };
}
