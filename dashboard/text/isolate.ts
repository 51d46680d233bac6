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
