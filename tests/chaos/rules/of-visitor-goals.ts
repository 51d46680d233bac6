import { fold } from '../../../shared/counting/visitors/fold.ts';
import type { Rule } from './rules.ts';

/** Goals that name no experiment, and count where their visitors have been exposed. */
export const visitorGoalRules: readonly Rule[] = [
  {
    name: 'a goal that names no experiment finds the exposures before it in its slice, and no others',
    shownBy: { weather: { visitorGoals: 0.4 }, seed: 1 },
    breakIt: () => ({
      fold: (records, visits, dictionaries, isLiving) => {
        const goals = visits.filter(({ experiment }) => experiment === undefined);
        const others = visits.filter(({ experiment }) => experiment !== undefined);
        return fold(records, [...others, ...goals], dictionaries, isLiving);
      },
    }),
  },
  {
    name: 'a goal that names no experiment counts in the incarnation that lives when it is received',
    shownBy: { weather: { visitorGoals: 0.4, delete: 3 }, seed: 7 },
    breakIt: () => ({
      fold: (records, visits, dictionaries) =>
        fold(records, visits, dictionaries, (experiment) => experiment.endsWith('@0')),
    }),
  },
  {
    name: 'a goal that names no experiment counts for thirty days after an exposure',
    shownBy: { weather: 'long with visitor goals', seed: 1 },
    breakIt: () => ({
      fold: (records, visits, dictionaries, isLiving) => {
        const later = visits.map((visit) => (visit.goal === '' ? { ...visit, at: visit.at + CENTURY_MS } : visit));
        return fold(records, later, dictionaries, isLiving);
      },
    }),
  },
];

const CENTURY_MS = 100 * 365 * 86_400_000;
