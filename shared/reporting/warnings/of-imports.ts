import { importedParticipants } from '../../stores/dynamodb/imports.ts';
import type { ImportSource, Warning } from '../../contract/answers.ts';
import { countNoun, type Check } from './facts.ts';

const NAMES: Record<ImportSource, string> = { gimel: 'Gimel', lamed: 'Lamed' };

const TOLD: Record<ImportSource, Pick<Warning, 'severity' | 'cause' | 'cure'>> = {
  gimel: {
    severity: 'caution',
    cause:
      'Gimel counts with HyperLogLog: each counter is off by about 0.8 %, enough to name a winner in 41 of 100 experiments without any difference (100,000 participants a variant, a rate of 30 %).',
    cure: 'Do not decide on a small lift here; run a new experiment for that, counted by Mem from its start; segments show its own counts alone.',
  },
  lamed: {
    severity: 'note',
    cause: 'Its counts are exact, but for events that were sent again after 24 hours: those counted twice there.',
    cure: 'Nothing is to be done. Days, segments and metrics per visitor show what Mem has counted alone.',
  },
};

/** Shown wherever imported counts are: a segment has none. */
export const checkImported: Check = ({ tally: { imported } }) => {
  if (imported === undefined) return [];
  const participants = countNoun(importedParticipants(imported), 'participant');
  const day = new Date(imported.at).toISOString().slice(0, 10);
  return [
    {
      code: 'imported',
      message: `${participants} counted by ${NAMES[imported.source]} are in these figures, imported on ${day}.`,
      ...TOLD[imported.source],
    },
  ];
};
