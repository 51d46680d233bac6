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

/** What an undecided comparison is held against. */
export interface Yardstick {
  /** The smallest relative lift worth knowing. */
  readonly smallestLift: number;
  /** Whole days until it would be seen; null where that is not known. */
  readonly days: number | null;
  /** Whether nobody converted in the control, so that no lift is bounded. */
  readonly neverInControl: boolean;
}

/** Names the winner, or which of three there is instead: nothing worth knowing, too little to tell, or neither. */
export function judge(method: Method, evidence: CorrectedEvidence, better: Better, yardstick: Yardstick): Verdict {
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
  return judgeUndecided(evidence.lift, yardstick, figures);
}

function judgeUndecided(
  lift: Evidence['lift'],
  { smallestLift, days, neverInControl }: Yardstick,
  figures: string,
): Verdict {
  const tooEarly = (cause: string): Verdict => ({
    kind: 'too early',
    ...worded(`Too early${inDays(days)}`, cause, figures),
    days,
  });
  const noClearDifference = { kind: 'no clear difference', ...worded('No clear difference', null, figures) } as const;
  if (lift.value === null) {
    // Of a control whose mean is below zero nobody can say how much of a lift the interval leaves open.
    return neverInControl
      ? tooEarly('the control has no conversion, so that a lift of any size is possible')
      : noClearDifference;
  }
  const reach = lift.low === null || lift.high === null ? Infinity : (lift.high - lift.low) / 2;
  if (reach > smallestLift) {
    const open = reach === Infinity ? 'has no end' : `reaches ${percent(reach)} to either side`;
    return tooEarly(`the interval ${open}, beyond the ±${percent(smallestLift)} worth knowing`);
  }
  const isWithin = (end: number | null) => end !== null && Math.abs(end) <= smallestLift;
  if (!isWithin(lift.low) || !isWithin(lift.high)) return noClearDifference;
  const title = `No difference above ±${percent(smallestLift)}`;
  return { kind: 'no difference', ...worded(title, null, figures), within: smallestLift };
}

export function needData({ reason, days }: Wait): Verdict {
  return { kind: 'need data', ...worded(`Need data${inDays(days)}`, reason, null), days };
}

/** The figures of a look beside the experiment's own verdict. @param why in words */
export function explored(method: Method, evidence: CorrectedEvidence, why: string): Verdict {
  return { kind: 'exploratory', ...worded('Exploratory', why, figuresOf(method, evidence)) };
}

function inDays(days: number | null): string {
  return days === null ? '' : ` (about ${days} ${days === 1 ? 'day' : 'days'})`;
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
