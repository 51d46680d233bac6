import { refusedReasons, type LeftOutReason } from '../../contract/report/ingest-notes.ts';
import { countNoun, listed, type Check } from './facts.ts';

/** From this share of the participants on, what was refused may change a verdict. */
const WORTH_CARE = 0.01;

/** Crawlers are left out on purpose, and whoever sends a property more loses nothing. */
const WORDS: Partial<Record<LeftOutReason, string>> = {
  value: 'without the value',
  segments: 'without a segment',
  unusable_unit: 'refused for an id that tells nobody apart',
  unsigned: 'refused without a signature',
  bad_signature: 'refused for a wrong signature',
  invalid: 'refused as no event',
};

export const checkBaseline: Check = ({ arrangement: { baseline, isGuess, variants }, notes: { controls } }) => {
  if (!isGuess || baseline === undefined) return [];
  const disagree = controls.length > 1;
  return [
    {
      code: 'guessed_baseline',
      severity: disagree ? 'caution' : 'note',
      message: `Compared with ${JSON.stringify(baseline)}, the first by name of ${countNoun(variants.length, 'variant')}: which one is the control is a guess.`,
      cause: disagree
        ? `The site's clients disagree: ${listed(controls)} were called the control.`
        : 'No definition names a baseline, no client has said which variant is its control, and none is named control.',
      cure: 'Name the baseline in the definition.',
    },
  ];
};

export const checkLeftOut: Check = ({ notes: { leftOut, since }, participation: { exposures } }) => {
  const told = leftOut.filter(({ reason }) => WORDS[reason] !== undefined);
  if (told.length === 0 || since === undefined) return [];
  const refused = told.filter(({ reason }) => refusedReasons.some((one) => one === reason));
  const sum = refused.reduce((total, { events }) => total + events, 0);
  const parts = told.map(({ reason, events }) => `${events.toLocaleString('en')} ${WORDS[reason] ?? ''}`);
  const day = new Date(since).toISOString().slice(0, 10);
  return [
    {
      code: 'left_out',
      severity: sum > WORTH_CARE * exposures ? 'caution' : 'note',
      message: `Events since ${day} that could not be used whole, approximately: ${parts.join(', ')}.`,
      cause: 'The site sends what is no value, no segment or no event.',
      cure: "The ingest endpoint's answers name each property with what was expected, and the SDK's onError hears of it.",
    },
  ];
};
