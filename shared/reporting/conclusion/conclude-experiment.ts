import type { Advice, Conclusion, Reason } from '../../contract/report/conclusion.ts';
import type { DataState, Warning } from '../../contract/answers.ts';
import type { Definition } from '../../contract/definition.ts';
import { warningWords } from '../../contract/report/warning-words.ts';
import type { Method } from '../../contract/statistics.ts';
import { isApproximate } from '../../stores/dynamodb/imports.ts';
import type { Span } from '../../stores/redis/tally-reader.ts';
import type { AnalyzedGoal } from '../analyze.ts';
import type { Arrangement } from '../arrange.ts';
import { participantsOf } from '../participation.ts';
import type { Tally } from '../tally.ts';
import { DAY_MS } from '../warnings/facts.ts';
import { effectOf, effectText } from './effect.ts';
import { invalidReason, liftText, plain, reasonOf, unusableReasons, withinText } from './reasons.ts';
import { type Standing, standingsOf, type Told } from './standings.ts';

/** What an experiment is concluded from: everything by its own method, baseline and settings, over all visitors. */
export interface Situation {
  arrangement: Arrangement;
  goals: readonly AnalyzedGoal[];
  method: Method;
  tally: Tally;
  data: DataState;
  warnings: readonly Warning[];
  definition: Definition | undefined;
  span: Span | undefined;
  participantsPerDay: number | undefined;
  now: number;
}

/** An advice with what led to it. The first reason makes the title. */
interface Found {
  advice: Advice;
  reasons: Reason[];
  /** Which variant the advice is about. */
  about?: Standing;
}

/** Lifts below this are within the errors of approximate counters. */
const BEYOND_APPROXIMATION = 0.05;

/** From this share of participants on, variants that nobody named are no slip. */
const MANY_UNKNOWN = 0.01;

export function concludeExperiment(situation: Situation): Conclusion {
  const { arrangement, goals, definition } = situation;
  const rivals = arrangement.variants.map(({ name }) => name).filter((name) => name !== arrangement.baseline);
  const standings = standingsOf(goals, rivals);
  const progress = progressOf(situation);
  const found =
    fromDecision(definition) ??
    fromState(situation) ??
    fromFaults(situation, standings) ??
    fromVerdicts(situation, standings, progress);

  const shown = found.about ?? (standings.length === 1 ? standings[0] : undefined);
  const told = shown?.wins[0] ?? shown?.loses[0] ?? shown?.primary[0];
  const effect =
    shown && told && arrangement.baseline !== undefined
      ? effectOf(told, shown.variant, arrangement.baseline, situation)
      : null;
  return {
    advice: found.advice,
    variant: found.about?.variant ?? definition?.decision?.variant ?? null,
    title: titleOf(found),
    needsDecision: ['ship', 'do not ship', 'stop'].includes(found.advice),
    reasons: found.reasons,
    effect,
    guardrails: guardrailsOf(goals, shown, standings),
    progress: progress && { day: progress.day, days: progress.days },
    lines: {
      effect: effect && effectText(effect),
      guardrails: guardrailText(goals, shown, standings),
      checks: checksText(situation),
    },
  };
}

function fromDecision(definition: Definition | undefined): Found | undefined {
  const decision = definition?.decision;
  if (!decision) return undefined;
  const { variant } = decision;
  const reason =
    variant === undefined ? plain('given_up', 'given up') : plain('decided', `${variant} stays`, { variant });
  return { advice: 'decided', reasons: [reason] };
}

/** Before there is anything to judge. */
function fromState({ definition, data, goals, tally, arrangement, warnings }: Situation): Found | undefined {
  const wait = (reason: Reason): Found => ({ advice: 'wait', reasons: [reason] });
  if (data === 'no data') {
    return wait(
      definition?.status === 'draft' ? plain('draft', 'it is a draft') : plain('no_data', 'nothing received yet'),
    );
  }
  if (warnings.some(({ code }) => code === 'rebuilding')) {
    return wait(plain('rebuilding', 'counts are being made again'));
  }
  const taking = arrangement.variants.filter(({ name }) => participantsOf(tally, name) > 0);
  if (arrangement.variants.length < 2) return wait(plain('one_variant', 'there is only one variant'));
  if (data === 'no goal' && taking.length > 1) return wait(plain('no_goal', 'no goal event yet'));
  if (!goals.some(({ set }) => set === 'primary')) return wait(plain('no_primary', 'no primary goal is named'));
  return undefined;
}

/** What makes the figures unusable, whatever they say. */
function fromFaults(situation: Situation, standings: readonly Standing[]): Found | undefined {
  const { warnings, arrangement, tally } = situation;
  const empty = arrangement.variants.filter(({ name, weight }) => weight !== 0 && participantsOf(tally, name) === 0);
  const [known, unknown] = [arrangement.variants.map(({ name }) => name), arrangement.unknown].map((names) =>
    names.reduce((sum, name) => sum + participantsOf(tally, name), 0),
  );
  const reasons = [
    ...unusableReasons(warnings),
    ...empty.map(({ name }) => plain('variant_empty', `${name} has no participant`, { variant: name })),
    ...((unknown ?? 0) > MANY_UNKNOWN * (known ?? 0)
      ? [plain('unknown_variant', `${arrangement.unknown.join(', ')} is not in the definition`)]
      : []),
    ...standings.flatMap(({ invalid, variant }) => invalid.slice(0, 1).map((told) => invalidReason(told, variant))),
  ];
  return reasons.length === 0 ? undefined : { advice: 'fix first', reasons };
}

function fromVerdicts(situation: Situation, standings: readonly Standing[], progress: Progress | null): Found {
  const { method, definition } = situation;
  const isOver = definition?.status === 'ended' || (progress?.daysLeft ?? 1) <= 0;
  // Any other method than the sequential one holds for one look, at the planned end.
  if (method !== 'sequential' && progress && !isOver) return { advice: 'wait', reasons: [daysLeft(progress)] };

  const outs = standings.filter(isOut);
  const open = standings.filter((standing) => !isOut(standing));
  const against = outs.flatMap(againstWithName);
  const winner = bestOf(open.filter(({ wins }) => wins.length > 0));
  if (winner) {
    const found: Found = { advice: 'ship', about: winner, reasons: [...forOf(winner), ...against] };
    return approximate(situation, winner.wins) ?? found;
  }
  if (open.length === 0) return notToShip(situation, outs);
  if (open.every(({ flat }) => flat)) return { advice: 'stop', reasons: [noEffect(open), ...against] };
  if (isOver) {
    const reason = plain('planned_end', 'the planned end is reached without a clear difference');
    return { advice: 'stop', reasons: [reason, ...against] };
  }
  if (situation.warnings.some(({ code }) => code === 'silent')) {
    return { advice: 'fix first', reasons: [plain('silent', 'no event lately'), ...against] };
  }
  const planned = progress ? [daysLeft(progress)] : [];
  return { advice: 'wait', reasons: [...planned, notYet(situation, open), ...against] };
}

const isOut = ({ loses, harmed }: Standing) => loses.length > 0 || harmed.length > 0;

/** Every rival loses or does harm. */
function notToShip(situation: Situation, outs: readonly Standing[]): Found {
  const about = bestOf(outs);
  if (!about) return { advice: 'do not ship', reasons: [] };
  const others = outs.filter((one) => one !== about).flatMap(againstWithName);
  const found: Found = { advice: 'do not ship', about, reasons: [...againstOf(about), ...forOf(about), ...others] };
  return approximate(situation, [...about.harmed, ...about.loses]) ?? found;
}

/** Nothing is above the widest of the lifts that the verdicts exclude. */
function noEffect(open: readonly Standing[]): Reason {
  const verdicts = open.flatMap(({ primary }) => primary.map(({ verdict }) => verdict));
  const within = Math.max(...verdicts.map((verdict) => (verdict.kind === 'no difference' ? verdict.within : 0)));
  return plain('no_effect', withinText(within), { within });
}

/** Why there is nothing to say yet, and how many days more it may take where somebody can tell. */
function notYet({ goals }: Situation, open: readonly Standing[]): Reason {
  const early = open.flatMap(({ primary }) =>
    primary.flatMap(({ verdict }) => ('days' in verdict ? [verdict.days] : [])),
  );
  if (early.length === 0) return plain('undecided', goals.length > 0 ? 'no clear difference yet' : 'no goal yet');
  if (early.includes(null)) return plain('too_early', 'too early to tell');
  const days = Math.max(0, ...early.flatMap((one) => one ?? []));
  return plain('too_early', days === 0 ? 'too early to tell' : `about ${days} more days`, { days });
}

/** Approximate counters cannot carry a small lift. */
function approximate({ tally: { imported } }: Situation, told: readonly Told[]): Found | undefined {
  const [first] = told;
  if (!imported || !isApproximate(imported) || !first) return undefined;
  if (told.some(({ lift }) => lift === null || Math.abs(lift) >= BEYOND_APPROXIMATION)) return undefined;
  const text = `imported counts are approximate, and ${first.goal.label} (${liftText(first)}) may be their error`;
  return { advice: 'fix first', reasons: [plain('imported_approximate', text, { goal: first.goal.label })] };
}

function forOf({ variant, wins }: Standing): Reason[] {
  return wins.map((told) => reasonOf('primary_wins', variant, told));
}

function againstOf({ variant, loses, harmed }: Standing): Reason[] {
  return [
    ...harmed.map((told) => reasonOf('guardrail_harmed', variant, told)),
    ...loses.map((told) => reasonOf('primary_loses', variant, told)),
  ];
}

/** Beside what is said of another variant. */
function againstWithName(standing: Standing): Reason[] {
  return againstOf(standing).map((reason) => ({ ...reason, text: `with ${standing.variant}, ${reason.text}` }));
}

/** The one with the best first goal; those that win something before those that do not. */
function bestOf(standings: readonly Standing[]): Standing | undefined {
  const gain = ({ primary: [first] }: Standing) => (first?.lift ?? 0) * (first?.goal.better === 'lower' ? -1 : 1);
  return [...standings].sort((a, b) => b.wins.length - a.wins.length || gain(b) - gain(a))[0];
}

interface Progress {
  day: number;
  days: number;
  daysLeft: number;
}

function progressOf({ definition, span, now }: Situation): Progress | null {
  const start = definition?.start === undefined ? span?.first : Date.parse(`${definition.start}T00:00:00Z`);
  if (definition?.end === undefined || start === undefined) return null;
  const end = Date.parse(`${definition.end}T00:00:00Z`) + DAY_MS;
  const days = Math.max(1, Math.ceil((end - start) / DAY_MS));
  const day = Math.min(days, Math.max(1, Math.floor((now - start) / DAY_MS) + 1));
  return { day, days, daysLeft: Math.ceil((end - now) / DAY_MS) };
}

function daysLeft({ daysLeft: left, days }: Progress): Reason {
  return plain('days_left', `${left} of ${days} days left`, { days: left });
}

function titleOf({ advice, reasons: [first], about }: Found): string {
  const why = first?.text ?? '';
  switch (advice) {
    case 'decided':
      return first?.code === 'given_up' ? 'Decided: given up' : `Decided: ${why}`;
    case 'ship':
      return `Ship ${about?.variant ?? ''}`;
    case 'do not ship':
      return `Do not ship ${about?.variant ?? ''}: ${why}`;
    case 'stop':
      return `Stop: ${why}`;
    case 'fix first':
      return `Fix first: ${why}`;
    case 'wait':
      return `Wait: ${why}`;
  }
}

function guardrailsOf(goals: readonly AnalyzedGoal[], shown: Standing | undefined, all: readonly Standing[]) {
  const total = goals.filter(({ set }) => set === 'guardrail').length;
  const [harmed, unknown] = (['harmed', 'unknown'] as const).map(
    (state) => new Set((shown ? [shown] : all).flatMap((standing) => standing[state].map(({ goal }) => goal.id))).size,
  );
  return { total, harmed: harmed ?? 0, unknown: unknown ?? 0 };
}

function guardrailText(
  goals: readonly AnalyzedGoal[],
  shown: Standing | undefined,
  all: readonly Standing[],
): string | null {
  const { total, harmed, unknown } = guardrailsOf(goals, shown, all);
  if (total === 0) return null;
  if (harmed > 0) {
    return (shown ? [shown] : all)
      .flatMap(({ variant, harmed: told }) =>
        told.map((one) => `${one.goal.label} ${liftText(one)}, harmed${shown ? '' : ` by ${variant}`}`),
      )
      .join('; ');
  }
  const early =
    unknown === 0
      ? ''
      : `, ${unknown === total ? 'but it is too early to tell' : `${unknown} of them too early to tell`}`;
  return `${total} of ${total} not harmed${early}`;
}

function checksText({ warnings }: Situation): string {
  const grave = warnings.filter(({ severity }) => severity !== 'note');
  if (grave.length === 0) return 'Nothing found against the figures';
  return [...new Set(grave.map(({ code }) => warningWords[code]))].join('; ');
}
