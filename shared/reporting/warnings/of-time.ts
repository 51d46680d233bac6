import { importedOf } from '../tally.ts';
import { DAY_MS, HOUR_MS, type Check, type Facts } from './facts.ts';

const MINIMUM_DAYS = 3;

/** An experiment without a definition that has been silent for longer is taken to be over. */
const FORGOTTEN_MS = 7 * DAY_MS;

/** A silence that, at the experiment's own pace, chance would make once in a thousand times: exp(-7) < 0.001. */
const EVENTS_MISSED = 7;

export const checkRebuilding: Check = ({ rebuilding }) =>
  rebuilding
    ? [
        {
          code: 'rebuilding',
          severity: 'problem',
          message: 'The counters are being rebuilt from the stream: all figures are too low at this moment.',
          cause: 'Redis lost its last writes, or was replaced.',
          cure: 'Wait: they are recovered automatically within minutes. If they are not, see the alarm of the consumer.',
        },
      ]
    : [];

export const checkCountedSince: Check = ({ countedSince }) =>
  countedSince === undefined
    ? []
    : [
        {
          code: 'counted_since',
          severity: 'caution',
          message: `Counts are whole only since ${new Date(countedSince).toISOString()}.`,
          cause: 'Redis lost counters, and the stream no longer held the oldest records to count them again.',
          cure: 'Compare variants all the same, since each lost the same time; but begin experiments that cannot spare it again.',
        },
      ];

export const checkSilence: Check = ({ arrangement, whole, definition, span, newest, now }) => {
  if (span === undefined || newest === undefined || !isRunning(definition)) return [];
  const silence = now - span.last;
  if (silence < HOUR_MS || now - newest >= HOUR_MS) return [];
  if (definition === undefined && silence > FORGOTTEN_MS) return [];
  let events = 0;
  for (const [variant, ofVariant] of whole.counts) {
    for (const [event, count] of ofVariant) events += (count || 0) - importedOf(whole, variant, event);
  }
  const pace = events / Math.max(HOUR_MS, span.last - span.first);
  if (pace * silence < EVENTS_MISSED) return [];
  return [
    {
      code: 'silent',
      severity: 'problem',
      message: `No event since ${new Date(span.last).toISOString()}, while other experiments have some.`,
      cause: 'The experiment was taken off the site, or its tracking is broken.',
      cure: 'Open the site and look for the requests. If it is over, set its status to ended.',
      ...(arrangement.variants.length > 0 && { variants: arrangement.variants.map(({ name }) => name) }),
    },
  ];
};

export const checkAge: Check = ({ definition, span, now }) => {
  if (span === undefined || !isRunning(definition)) return [];
  const days = (now - span.first) / DAY_MS;
  if (days >= MINIMUM_DAYS) return [];
  return [
    {
      code: 'under_three_days',
      severity: 'note',
      message: `Counting for ${days < 1 ? 'less than a day' : `${Math.floor(days * 10) / 10} days`}.`,
      cause: 'The first visitors are not like the others: weekdays differ, and what is new is clicked on.',
      cure: `Let it run for ${MINIMUM_DAYS} days at least, better for whole weeks.`,
    },
  ];
};

export const checkDates: Check = ({ definition, span }) => {
  if (definition === undefined || span === undefined) return [];
  const { start, end } = definition;
  const before = start !== undefined && span.first < Date.parse(`${start}T00:00:00Z`);
  const after = end !== undefined && span.last >= Date.parse(`${end}T00:00:00Z`) + DAY_MS;
  if (!before && !after) return [];
  const where = [before && `before its start (${start})`, after && `after its end (${end})`].filter(Boolean);
  return [
    {
      code: 'outside_dates',
      severity: 'note',
      message: `There are events ${where.join(' and ')}.`,
      cause: 'The experiment was tried out before, or stayed on the site.',
      cure: 'They are counted with the others. Correct the dates, or delete the experiment and begin again.',
    },
  ];
};

export const checkDefinitionFaults: Check = ({ definition, faults }) => {
  if (faults.length === 0) return [];
  const named = faults.slice(0, 5).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  return [
    {
      code: 'broken_definition',
      severity: 'problem',
      message: `${definition ? 'A part of the definition' : 'The definition'} cannot be used: ${named.join('; ')}.`,
      cause: 'It was written by another version, or past the API.',
      cure: `${definition ? 'The part is' : 'The whole is'} left out, and all else is shown. Write the definition again.`,
    },
  ];
};

function isRunning(definition: Facts['definition']): boolean {
  return (definition?.status ?? 'running') === 'running' && definition?.decision === undefined;
}
