import type { Advice, ReasonCode } from '../../../shared/contract/report/conclusion.ts';
import type { Definition } from '../../../shared/contract/definition.ts';
import type { ImportedCounts } from '../../../shared/stores/dynamodb/imports.ts';
import type { CountPlan, GoalPlan } from './fake-counts.ts';

export interface ConcludedExperiment {
  plan: CountPlan;
  advice: Advice;
  title: string | RegExp;
  /** The first reasons. */
  codes: ReasonCode[];
}

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

const twoArms = { control: 20_000, green: 20_000 };
const goals = { primary: [{ name: 'bought' }] };
const named: Definition = {
  variants: [
    { name: 'control', weight: 1 },
    { name: 'green', weight: 1 },
  ],
  goals,
};
const guarded: Definition = { ...named, goals: { ...goals, guardrail: [{ name: 'latency', better: 'lower' }] } };
const better: GoalPlan = { rates: { control: 0.1, green: 0.12 } };
const same: GoalPlan = { rates: { control: 0.1, green: 0.1 } };
const worse: GoalPlan = { rates: { control: 0.12, green: 0.1 } };

function plan(name: string, changes: Partial<CountPlan>): CountPlan {
  return {
    name,
    participants: twoArms,
    goals: { bought: better },
    days: 14,
    definition: named,
    units: { crossovers: 0 },
    ...changes,
  };
}

function without(part: 'definition' | 'units', whole: CountPlan): CountPlan {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name !== part)) as unknown as CountPlan;
}

function imported(name: string, green: number): ImportedCounts {
  return {
    ...{ namespace: 'alephbet', experiment: name, incarnation: 0, source: 'gimel', at: Date.UTC(2026, 10, 1) },
    counts: [
      { variant: 'control', event: 'participate', count: 2_000_000 },
      { variant: 'green', event: 'participate', count: 2_000_000 },
      { variant: 'control', event: 'bought', count: 200_000 },
      { variant: 'green', event: 'bought', count: green },
    ],
  };
}

/** What an experiment can come to, one of each. */
export function concludedExperiments(): ConcludedExperiment[] {
  const planned = (start: number, end: number): Definition => ({ ...named, start: inDays(start), end: inDays(end) });
  const small = { participants: { control: 400, green: 400 }, goals: { bought: same } };
  return [
    { plan: plan('wins', {}), advice: 'ship', title: 'Ship green', codes: ['primary_wins'] },
    {
      plan: without('definition', plan('wins without a definition', {})),
      ...{ advice: 'ship', title: 'Ship green', codes: ['primary_wins'] },
    },
    {
      plan: plan('lower is better', {
        goals: { bought: worse },
        definition: { ...named, goals: { primary: [{ name: 'bought', better: 'lower' }] } },
      }),
      ...{ advice: 'ship', title: 'Ship green', codes: ['primary_wins'] },
    },
    {
      plan: plan('two win', {
        participants: { control: 20_000, blue: 20_000, green: 20_000 },
        goals: { bought: { rates: { control: 0.1, blue: 0.13, green: 0.12 } } },
        definition: { goals },
      }),
      ...{ advice: 'ship', title: 'Ship blue', codes: ['primary_wins'] },
    },
    {
      plan: plan('harms a guardrail', { goals: { bought: better, latency: better }, definition: guarded }),
      ...{ advice: 'do not ship', title: 'Do not ship green: latency is worse (+20 %)' },
      codes: ['guardrail_harmed', 'primary_wins'],
    },
    {
      plan: plan('harms a guardrail, undecided', { goals: { bought: same, latency: better }, definition: guarded }),
      ...{ advice: 'do not ship', title: 'Do not ship green: latency is worse (+20 %)', codes: ['guardrail_harmed'] },
    },
    {
      plan: plan('guardrail unknown', {
        goals: { bought: better, latency: { rates: { control: 0.001 } } },
        definition: guarded,
      }),
      ...{ advice: 'ship', title: 'Ship green', codes: ['primary_wins'] },
    },
    {
      plan: plan('primaries disagree', {
        goals: { bought: better, returned: worse },
        definition: { ...named, goals: { primary: [{ name: 'bought' }, { name: 'returned' }] } },
      }),
      ...{ advice: 'do not ship', title: 'Do not ship green: returned is worse (−16.7 %)' },
      codes: ['primary_loses', 'primary_wins'],
    },
    {
      plan: plan('loses', { goals: { bought: worse } }),
      ...{ advice: 'do not ship', title: 'Do not ship green: bought is worse (−16.7 %)', codes: ['primary_loses'] },
    },
    {
      plan: plan('one of two loses', {
        participants: { control: 20_000, blue: 20_000, green: 20_000 },
        goals: { bought: { rates: { control: 0.1, blue: 0.08, green: 0.1 } } },
        definition: { goals, smallestLift: 0.01 },
      }),
      ...{ advice: 'wait', title: /^Wait: about \d+ more days$/, codes: ['too_early', 'primary_loses'] },
    },
    {
      plan: plan('split off', { participants: { control: 20_000, green: 18_000 } }),
      ...{ advice: 'fix first', title: 'Fix first: the split is off', codes: ['split_off'] },
    },
    { plan: plan('too early', small), advice: 'wait', title: /^Wait: about \d+ more days$/, codes: ['too_early'] },
    {
      plan: plan('no effect', { participants: { control: 200_000, green: 200_000 }, goals: { bought: same } }),
      ...{ advice: 'stop', title: 'Stop: no effect above ±10 %', codes: ['no_effect'] },
    },
    {
      plan: plan('planned end reached', { ...small, definition: planned(-20, -2) }),
      ...{
        advice: 'stop',
        title: 'Stop: the planned end is reached without a clear difference',
        codes: ['planned_end'],
      },
    },
    {
      plan: plan('days left', { ...small, definition: planned(-13, 6) }),
      ...{ advice: 'wait', title: 'Wait: 7 of 20 days left', codes: ['days_left', 'too_early'] },
    },
    {
      plan: plan('one look, before the end', { definition: { ...planned(-13, 6), method: 'fixed' } }),
      ...{ advice: 'wait', title: 'Wait: 7 of 20 days left', codes: ['days_left'] },
    },
    {
      plan: plan('one look, at the end', { definition: { ...planned(-20, -2), method: 'fixed' } }),
      ...{ advice: 'ship', title: 'Ship green', codes: ['primary_wins'] },
    },
    {
      plan: plan('one arm empty', { participants: { control: 500 }, goals: { bought: { rates: { control: 0.1 } } } }),
      ...{ advice: 'fix first', title: 'Fix first: the split is off', codes: ['split_off', 'variant_empty'] },
    },
    {
      plan: plan('strangers', { participants: { ...twoArms, gren: 900 }, goals: { bought: better } }),
      ...{ advice: 'fix first', title: 'Fix first: gren is not in the definition', codes: ['unknown_variant'] },
    },
    {
      plan: without(
        'units',
        plan('impossible', {
          goals: { bought: { ...better, times: 12 } },
          definition: { ...named, goals: { primary: [{ name: 'bought', metric: 'conversions' }] } },
        }),
      ),
      ...{ advice: 'fix first', title: /^Fix first: bought cannot be judged/, codes: ['invalid_goal'] },
    },
    {
      plan: plan('imported, small lift', {
        imported: imported('imported, small lift', 203_000),
        definition: { goals },
      }),
      ...{ advice: 'fix first', title: /^Fix first: imported counts are approximate/, codes: ['imported_approximate'] },
    },
    {
      plan: plan('imported, large lift', {
        imported: imported('imported, large lift', 230_000),
        definition: { goals },
      }),
      ...{ advice: 'ship', title: 'Ship green', codes: ['primary_wins'] },
    },
    {
      plan: plan('silent', { ...small, lastEvent: Date.now() - 2 * DAY_MS }),
      ...{ advice: 'fix first', title: 'Fix first: no event lately', codes: ['silent'] },
    },
    {
      plan: plan('draft', { participants: {}, goals: {}, days: 0, definition: { ...named, status: 'draft' } }),
      ...{ advice: 'wait', title: 'Wait: it is a draft', codes: ['draft'] },
    },
    {
      plan: plan('without a goal', { goals: {} }),
      ...{ advice: 'wait', title: 'Wait: no goal event yet', codes: ['no_goal'] },
    },
    {
      plan: plan('decided', { definition: { ...named, decision: { variant: 'green', day: '2026-11-20' } } }),
      ...{ advice: 'decided', title: 'Decided: green stays', codes: ['decided'] },
    },
    {
      plan: plan('given up', { definition: { ...named, decision: { note: 'No time.' } } }),
      ...{ advice: 'decided', title: 'Decided: given up', codes: ['given_up'] },
    },
  ];
}
