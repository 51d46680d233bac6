import { threeDigits } from '../../shared/contract/figures.ts';

const MINUS = '\u2212';
const THIN_SPACE = '\u202f';

/** 12345 -> 12,345 */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Large counts in few characters, for charts: 12345 -> 12.3K */
export function formatCompact(count: number): string {
  return count.toLocaleString('en-US', { notation: 'compact', maximumFractionDigits: 1 });
}

/** A share as a percentage; two decimals, so that a column of them lines up: 0.12345 -> 12.35 % */
export function formatShare(share: number): string {
  const percent = share * 100;
  const decimals = percent !== 0 && Math.abs(percent) < 0.1 ? 4 : 2;
  return `${withMinus(percent.toFixed(decimals))}${THIN_SPACE}%`;
}

/** A relative change with its sign: 0.0512 -> +5.1 % */
export function formatLift(lift: number): string {
  const percent = lift * 100;
  const decimals = Math.abs(percent) >= 1000 ? 0 : Math.abs(percent) < 1 ? 2 : 1;
  const text = percent.toFixed(decimals);
  return `${percent > 0 ? '+' : ''}${withMinus(text)}${THIN_SPACE}%`;
}

/** A number of an axis: without decimals that say nothing. */
export function shortened(formatted: string): string {
  return formatted.replace(/(\.\d*?)0+(?=\D*$)/, '$1').replace(/\.(?=\D*$)/, '');
}

/** A percentage that somebody has typed or that is told roughly: three significant digits. */
export function formatRoughly(share: number): string {
  return `${threeDigits(share * 100)}${THIN_SPACE}%`;
}

/** A mean, in four significant digits. */
export function formatMean(mean: number): string {
  return withMinus(mean.toLocaleString('en-US', { maximumSignificantDigits: 4 }));
}

/** A difference of means with its sign. */
export function formatDifference(difference: number): string {
  return `${difference > 0 ? '+' : ''}${formatMean(difference)}`;
}

/** Never 0: a p-value that small is said to be below what is shown. */
export function formatP(p: number): string {
  if (p < 0.0001) return '< 0.0001';
  return p.toFixed(p < 0.1 ? 4 : 3);
}

/** `p = 0.0123`, `p < 0.0001` */
export function pEquation(p: number): string {
  const text = formatP(p);
  return text.startsWith('<') ? `p ${text}` : `p = ${text}`;
}

/** Never 0 or 100 %: a chance is no certainty. */
export function formatChance(chance: number): string {
  if (chance > 0.9999) return `> 99.99${THIN_SPACE}%`;
  if (chance < 0.0001) return `< 0.01${THIN_SPACE}%`;
  return `${(chance * 100).toFixed(2)}${THIN_SPACE}%`;
}

export function formatDay(day: string): string {
  return new Date(`${day}T00:00:00Z`).toLocaleDateString('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });
}

/** `20 Nov 2026, 14:05 UTC` */
export function formatTime(iso: string): string {
  const text = new Date(iso).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  return `${text} UTC`;
}

const AGES = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

/** How long ago a time was, in its largest unit: `3 hours ago`. */
export function formatAge(iso: string, now: number): string {
  const passed = now - Date.parse(iso);
  for (const [unit, length] of AGES) {
    const count = Math.floor(passed / length);
    if (count >= 1) return `${count} ${unit}${count === 1 ? '' : 's'} ago`;
  }
  return 'just now';
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}

function withMinus(text: string): string {
  return text.replace('-', MINUS);
}

const FIRST_STRONG_ISOLATE = '\u2068';
const POP_DIRECTIONAL_ISOLATE = '\u2069';

/** A name inside a sentence, where no <bdi> can stand: its writing direction ends with it. */
export function isolate(name: string): string {
  return `${FIRST_STRONG_ISOLATE}${name}${POP_DIRECTIONAL_ISOLATE}`;
}

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most `longest` characters as readers count them, the last an ellipsis where some are left out. */
export function shorten(name: string, longest: number): string {
  const parts = Array.from(graphemes.segment(name), ({ segment }) => segment);
  return parts.length <= longest ? name : `${parts.slice(0, Math.max(1, longest - 1)).join('')}…`;
}
