import type { Warning } from '../../contract/answers.ts';
import { percent } from '../../contract/figures.ts';
import { WORTH_SAYING } from '../participation.ts';
import { conversionsOf, importedOf, momentsOf } from '../tally.ts';
import { countNoun, listed, type Check } from './facts.ts';

/** From this share on: fewer change no verdict. */
const WORTH_WARNING = 0.01;

export const checkRepeatedExposures: Check = ({ participation: { are, exposures, units, repeated } }) => {
  if (are !== 'units' || repeated <= WORTH_WARNING * units) return [];
  return [
    {
      code: 'repeated_exposures',
      severity: 'note',
      message: `${countNoun(exposures, 'exposure')} of ${countNoun(units, 'visitor')}: a visitor counts once.`,
      cause: 'The site sends the exposure at every page, or with another uuid each time it is sent again.',
      cure: "Nothing is wrong with rates. Counts by day and the reports in Gimel's format are of exposures, so send one for each visitor, with a uuid that stays the same.",
    },
  ];
};

export const checkMixedUnits: Check = ({ participation: { are, units, withoutUnit } }) => {
  const all = units + withoutUnit;
  if (withoutUnit === 0 || units === 0 || withoutUnit < WORTH_SAYING * all) return [];
  const share = `About ${percent(Number((withoutUnit / all).toFixed(2)))} of participants carry no unit`;
  return [
    {
      code: 'mixed_units',
      severity: 'caution',
      message:
        are === 'units'
          ? `${share}: they are left out of rates, which are of the ${countNoun(units, 'visitor')} with one.`
          : `${share}: rates are of exposures, so that a visitor who is exposed twice counts twice.`,
      cause: 'Some parts of the site send the unit (the id of the visitor) and some do not.',
      cure: 'Send the unit with every exposure and every goal, from all parts of the site.',
    },
  ];
};

/** Of all visitors: events of a goal need not repeat the segment of the exposure. */
export const checkGoalsWithoutExposure: Check = ({ arrangement: { goals, variants }, whole }) => {
  if (whole.participantsAre !== 'units') return [];
  return [...new Set(goals.map(({ name }) => name))].flatMap((goal): Warning[] => {
    let [conversions, converted] = [0, 0];
    const above: string[] = [];
    for (const { name } of variants) {
      const reached = (conversionsOf(whole, name, goal) || 0) - importedOf(whole, name, goal);
      const visitors = momentsOf(whole, name, goal)?.converted ?? 0;
      if (reached > visitors) above.push(name);
      conversions += reached;
      converted += visitors;
    }
    if (conversions - converted <= WORTH_WARNING * converted) return [];
    return [
      {
        code: 'goals_without_exposure',
        severity: 'caution',
        message: `${JSON.stringify(goal)} has ${countNoun(conversions, 'conversion')}, and ${countNoun(converted, 'visitor')} who reached it after their exposure (the rest: in ${listed(above)}).`,
        cause:
          'The goal is sent for visitors who were not exposed, or before their exposure, or without the unit that the exposure carries.',
        cure: 'Send the exposure first, and both with the same unit. Rates of visitors leave the others out.',
        variants: above,
        goal,
      },
    ];
  });
};
