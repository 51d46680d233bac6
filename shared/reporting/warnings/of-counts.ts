import { OTHER } from '../../counting/limits/overflow.ts';
import { EXPOSURE } from '../../contract/event.ts';
import { participantsOf } from '../participation.ts';
import type { Warning } from '../../contract/answers.ts';
import { conversionsOf, countOf, goalsOf } from '../tally.ts';
import { percent } from '../../contract/figures.ts';
import { countNoun, listed, type Check } from './facts.ts';

/** From this share of crossovers on: fewer change no verdict. */
const WORTH_WARNING = 0.01;

/** From this lift on it is likelier that something is broken than that it is true. */
const TOO_GOOD = 0.5;

export const checkConversions: Check = ({ arrangement: { goals, variants }, tally }) =>
  goals
    .filter(({ metric }) => metric === 'conversions')
    .flatMap(({ name }) => {
      const above = variants
        .map((variant) => variant.name)
        .filter((variant) => conversionsOf(tally, variant, name) > participantsOf(tally, variant));
      const [first] = above;
      if (first === undefined) return [];
      return [
        {
          code: 'conversions_above_participants',
          severity: 'problem',
          message: `${JSON.stringify(name)} has more conversions than participants: ${countNoun(conversionsOf(tally, first, name), 'conversion')} of ${countNoun(participantsOf(tally, first), 'participant')} in ${JSON.stringify(first)}.`,
          cause: 'The goal can happen several times for one visitor, or it is sent for visitors whose exposure is not.',
          cure: 'If it may happen several times, measure it per visitor: metric n (how often) or pct (at least once) in the definition. Else send the exposure before the goal.',
          variants: above,
          goal: name,
        },
      ];
    });

export const checkUnknownVariants: Check = ({ arrangement: { unknown }, tally }) => {
  if (unknown.length === 0) return [];
  const participants = unknown.reduce((sum, name) => sum + participantsOf(tally, name), 0);
  return [
    {
      code: 'unknown_variant',
      severity: 'problem',
      message: `${countNoun(participants, 'participant')} in ${listed(unknown)}, which the definition does not name.`,
      cause: 'The site uses another spelling or an older list of variants, or the definition is not complete.',
      cure: 'Add the variant to the definition, or fix the site. Until then it is shown, but not compared.',
      variants: unknown,
    },
  ];
};

/** A name as it is seen: without what takes no room, and with one kind of space. */
function visibleName(name: string): string {
  return name
    .normalize('NFC')
    .replace(/[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Lists of names that nobody can tell apart. */
function findLookalikes(names: readonly string[]): string[][] {
  const alike = new Map<string, string[]>();
  for (const name of names) {
    const seen = visibleName(name);
    alike.set(seen, [...(alike.get(seen) ?? []), name]);
  }
  return [...alike.values()].filter((same) => same.length > 1);
}

/** Writes what is not seen as its code: `red\\u200b`. */
function spellOut(name: string): string {
  return name.replace(
    /[^\p{L}\p{N}\p{P}\p{S} ]/gu,
    (unseen) => `\\u${unseen.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export const checkLookalikes: Check = ({ arrangement: { variants, unknown }, tally }) => {
  const variantNames = [...variants.map(({ name }) => name), ...unknown];
  const kinds = [
    { kind: 'variants', lists: findLookalikes(variantNames) },
    { kind: 'goals', lists: findLookalikes(goalsOf(tally)) },
  ] as const;
  return kinds.flatMap(({ kind, lists }) =>
    lists.map((names): Warning => {
      const [goal = ''] = names;
      return {
        code: 'lookalike_names',
        severity: 'problem',
        message: `${names.length} ${kind} look the same and are counted apart: ${names.map((name) => `"${spellOut(name)}"`).join(', ')}.`,
        cause:
          'Zero-width characters, soft hyphens or other kinds of spaces have come into a name, by copying it from a document, say.',
        cure: 'Type the name anew on the site. Events that have come under the other name stay apart.',
        ...(kind === 'variants' ? { variants: names } : { goal }),
      };
    }),
  );
};

export const checkCrossovers: Check = ({ tally: { visitors } }) => {
  let [units, crossovers] = [0, 0];
  for (const seen of visitors.values()) {
    units += seen.units;
    crossovers += seen.crossovers;
  }
  if (units === 0 || crossovers / units < WORTH_WARNING) return [];
  return [
    {
      code: 'crossovers',
      severity: 'caution',
      message: `${countNoun(crossovers, 'visitor')} of ${units.toLocaleString('en')} (${percent(crossovers / units)}) were seen in more than one variant.`,
      cause:
        'The assignment is not kept (cleared storage, several devices, another key after signing in), or the allocation was changed while the experiment ran.',
      cure: 'Assign by a key that stays, such as the user id. They count in the variant that they saw first and are left out of the others; plain conversions count them in both.',
    },
  ];
};

export const checkSuspiciousLifts: Check = ({ analysis: { goals } }) =>
  goals
    .filter(({ set }) => set !== 'other')
    .flatMap(({ label, name, report }) => {
      const suspicious = report.arms.flatMap(({ name: variant, lift }) =>
        lift !== null && Math.abs(lift) > TOO_GOOD ? [{ variant, lift }] : [],
      );
      const [first] = suspicious;
      if (first === undefined) return [];
      return [
        {
          code: 'suspicious_lift',
          severity: 'caution',
          message: `${JSON.stringify(label)} differs by ${percent(first.lift)} in ${JSON.stringify(first.variant)}: suspicious.`,
          cause:
            'Effects of this size are rare; a goal that is sent twice, or not at all in one variant, is more common. While there is little data, chance does it, too.',
          cure: 'Check in both variants that the goal is sent once, at the same moment. If both are right, the effect may be real.',
          variants: suspicious.map(({ variant }) => variant),
          goal: name,
        },
      ];
    });

export const checkCounters: Check = ({ tally }) => {
  const broken = [...tally.counts]
    .filter(([, events]) => [...events.values()].some(Number.isNaN))
    .map(([variant]) => variant);
  if (broken.length === 0) return [];
  return [
    {
      code: 'broken_counter',
      severity: 'problem',
      message: `A counter of ${listed(broken)} holds no count.`,
      cause: 'Something else has written to the keys of Mem in Redis.',
      cure: 'Count the stream again: mem replay.',
      variants: broken,
    },
  ];
};

/** Judged by all visitors: that a segment has none of something is no fault. */
export const checkMissing: Check = ({ arrangement: { variants, goals }, definition, whole }) => {
  if (definition === undefined || whole.counts.size === 0) return [];
  const counted = new Set(goalsOf(whole));
  const unseen = variants.map(({ name }) => name).filter((name) => countOf(whole, name, EXPOSURE) === 0);
  const unreached = [...new Set(goals.map(({ name }) => name))].filter((name) => !counted.has(name));
  return [
    ...(unseen.length === 0 ? [] : [missingVariants(unseen)]),
    ...unreached.map((goal): Warning => ({
      code: 'missing_goal',
      severity: 'note',
      message: `No event yet for the goal ${JSON.stringify(goal)}.`,
      cause: 'Nobody has reached it, the site calls it something else, or it is not sent.',
      cure: 'Reach the goal yourself and look for its event, or correct its name in the definition.',
      goal,
    })),
  ];
};

function missingVariants(variants: string[]): Warning {
  return {
    code: 'missing_variant',
    severity: 'caution',
    message: `No participant yet in ${listed(variants)}.`,
    cause: 'The site does not show the variant, calls it something else, or gives it no traffic.',
    cure: 'Open the site in that variant and look for its exposure event.',
    variants,
  };
}

/** What a segment counts under that found no place: see "Limits of names" in docs/operations.md. */
export const checkOtherSegments: Check = ({ labels = {} }) => {
  const others = Object.entries(labels).flatMap(([label, events]) => {
    const [key = '', ...value] = decodeURIComponent(label).split('=');
    return value.join('=') === OTHER ? [{ key, events: Number(events) }] : [];
  });
  if (others.length === 0) return [];
  const events = others.reduce((sum, other) => sum + other.events, 0);
  return [
    {
      code: 'other_segments',
      severity: 'note',
      message: `${countNoun(events, 'event')} had values of ${listed(others.map(({ key }) => key))} beyond the limit of segments, and count there under ${JSON.stringify(OTHER)}.`,
      cause: 'The site sends a detailed segment, such as versions or cities, or somebody sends made-up ones.',
      cure: 'Send fewer different values, or raise limits.segments. What has been counted stays as it is.',
    },
  ];
};
