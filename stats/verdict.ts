import { percent, threeDigits } from '../shared/contract/figures.ts';
import type {
  Estimate,
  CorrectedEvidence,
  Evidence,
  Method,
  Side,
  Better,
  Verdict,
  VerdictWords,
} from '../shared/contract/statistics.ts';

/** That the data cannot show yet what they are asked for. */
export interface Wait {
  readonly reason: string;
  /** Whole days of the present traffic; null where that is not known. */
  readonly days: number | null;
}

/** Names the winner, or why there is none. `waitFor` tells whether an undecided comparison can still be decided. */
export function judge(method: Method, evidence: CorrectedEvidence, better: Better, waitFor: Wait | null): Verdict {
  const figures = figuresOf(method, evidence);
  if (evidence.side !== 'undecided') {
    const kind = isGood(evidence.side, better) ? 'winning' : 'losing';
    const title = better === 'lower' ? `${capitalized(kind)}, as lower is better` : capitalized(kind);
    return { kind, ...worded(title, null, figures) };
  }
  if (evidence.contradictory) {
    const cause = "Abba's own interval and p contradict each other here";
    return { kind: 'no clear difference', ...worded('No clear difference', cause, figures, ', ') };
  }
  if (waitFor !== null) return needData(waitFor, figures);
  return { kind: 'no clear difference', ...worded('No clear difference', null, figures) };
}

export function needData({ reason, days }: Wait, figures: string | null = null): Verdict {
  const when = days === null ? '' : ` (about ${days} ${days === 1 ? 'day' : 'days'})`;
  return { kind: 'need data', ...worded(`Need data${when}`, reason, figures), days };
}

export function invalid(reason: string): Verdict {
  return { kind: 'invalid', ...worded('Invalid', reason, null) };
}

/** `Title: cause; figures.` */
function worded(title: string, cause: string | null, figures: string | null, between = '; '): VerdictWords {
  const parts = [cause, figures].filter((part) => part !== null);
  return { sentence: `${title}: ${parts.join(between)}.`, cause, figures };
}

function isGood(side: Side, better: Better): boolean {
  return (side === 'above') === (better === 'higher');
}

/** The interval and the p or chance of the same method, in words. */
function figuresOf(method: Method, evidence: CorrectedEvidence): string {
  return `${intervalOf(evidence)}, ${certaintyOf(method, evidence)}`;
}

function intervalOf({ lift, difference, alpha }: Evidence): string {
  const level = `${percent(1 - alpha)} interval`;
  if (lift.value !== null) return `lift ${signedPercent(lift.value)}, ${level} ${rangeOf(lift, signedPercent)}`;
  if (difference.value !== null) {
    return `difference ${signed(difference.value)}, ${level} ${rangeOf(difference, signed)}`;
  }
  return lift.reason;
}

function certaintyOf(method: Method, { p, adjustedP, chanceAbove }: CorrectedEvidence): string {
  if (chanceAbove !== null) return `${percentUpTo100(chanceAbove)} chance to be above the control`;
  if (adjustedP === null) return 'no p';
  const value = adjustedP < 0.0001 ? 'p < 0.0001' : `p = ${threeDigits(adjustedP)}`;
  const looks = method === 'sequential' ? ' at any number of looks' : '';
  const corrected = adjustedP === p ? '' : ', corrected for all comparisons';
  return `${value}${looks}${corrected}`;
}

function rangeOf({ low, high }: Estimate, write: (value: number) => string): string {
  return `${low === null ? 'without lower end' : write(low)} to ${high === null ? 'without upper end' : write(high)}`;
}

function signedPercent(value: number): string {
  return `${signed(value * 100)} %`;
}

/** A chance is never rounded to a certainty. */
function percentUpTo100(chance: number): string {
  if (chance > 0.9999) return 'over 99.99 %';
  if (chance < 0.0001) return 'under 0.01 %';
  return percent(chance);
}

function signed(value: number): string {
  return value < 0 ? `−${threeDigits(-value)}` : `+${threeDigits(value)}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
