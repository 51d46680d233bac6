import { sampleRatioAlarmBelow } from '../../../stats/sample-ratio.ts';
import type { Warning } from '../../contract/answers.ts';
import { percent } from '../../contract/figures.ts';
import { participantsOf } from '../participation.ts';
import { countNoun, listed, type Check, type Facts } from './facts.ts';

type Arms = NonNullable<Warning['arms']>;

/** A split against configured weights that chance does not make. */
export const checkSampleRatio: Check = (facts) => {
  const { sampleRatio } = facts.analysis;
  if (sampleRatio.value === null || !sampleRatio.alarm) return [];
  const arms = armsOf(facts, sampleRatio.expected);
  const strays = facts.arrangement.variants.filter(
    ({ name, weight }) => weight === 0 && participantsOf(facts.tally, name) > 0,
  );
  const { p } = sampleRatio;
  if (strays.length > 0) {
    return [
      {
        ...strayed(
          strays.map(({ name }) => name),
          facts,
        ),
        p,
        arms,
      },
    ];
  }
  return [
    {
      code: 'sample_ratio',
      severity: 'problem',
      message: `Participants do not split as configured (p ${pText(p)}): ${arms.map(armText).join('; ')}.`,
      cause:
        'Something besides chance decides who is counted where: a redirect or a script that loses people in one variant, bots, a changed allocation, or weights that are not the real ones.',
      cure: 'Do not use the figures of this experiment. Find the cause (compare segments), fix it and start again; if the weights are wrong, correct them in the definition.',
      p,
      arms,
    },
  ];
};

/** Without weights an even split is assumed: what does not look like one is asked about, since it may be intended. */
export const checkAssumedSplit: Check = (facts) => {
  const { sampleRatio } = facts.analysis;
  if (sampleRatio.value === null || !sampleRatio.assumed || sampleRatio.p >= sampleRatioAlarmBelow) return [];
  const arms = armsOf(facts, sampleRatio.expected);
  const total = arms.reduce((sum, { observed }) => sum + observed, 0);
  const shares = arms.map(({ observed }) => percent(observed / total)).join(' : ');
  return [
    {
      code: 'uneven_split',
      severity: 'caution',
      message: `Participants split ${shares} (${listed(arms.map(({ variant }) => variant))}): is that intended?`,
      cause:
        'The site gives the variants different shares, or one of them loses people (a redirect, a script that fails). No weights are configured, so nobody can tell here.',
      cure: 'If it is intended, put the weights into the definition: then the split is checked against them. If not, find out where people are lost before you read the figures.',
      p: sampleRatio.p,
      arms,
    },
  ];
};

function armsOf({ arrangement, tally }: Facts, expected: readonly number[]): Arms {
  return arrangement.variants.map(({ name }, i) => ({
    variant: name,
    observed: participantsOf(tally, name),
    expected: expected[i] ?? 0,
  }));
}

function strayed(names: string[], { tally }: Facts): Warning {
  const people = names.map((name) => countNoun(participantsOf(tally, name), 'participant')).join(' and ');
  return {
    code: 'sample_ratio',
    severity: 'problem',
    message: `Participants do not split as configured: ${listed(names)} has weight 0, and ${people}.`,
    cause: 'The site still shows the variant, or the weights in the definition are not the real ones.',
    cure: 'Take the variant off the site, or correct its weight in the definition; whoever has seen it is part of the experiment.',
    variants: names,
  };
}

function armText({ variant, observed, expected }: Arms[number]): string {
  return `${JSON.stringify(variant)} has ${observed.toLocaleString('en')}, should have about ${Math.round(expected).toLocaleString('en')}`;
}

function pText(p: number): string {
  return p < 1e-6 ? 'under 0.000001' : `= ${Number(p.toPrecision(2))}`;
}
