import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import type { Decision, Definition, GoalDefinition } from '../../shared/contract/definition.ts';
import type { Metric, GoalSet } from '../../shared/contract/statistics.ts';

export interface GoalChoice {
  name: string;
  /** '' for what is usual: visitors where events carry a unit, else conversions. */
  metric: Metric | '';
  set: GoalSet | '';
  better: 'higher' | 'lower';
}

/** The fields of the dialog. Empty text means: not said. */
export interface EditForm {
  hypothesis: string;
  status: NonNullable<Definition['status']>;
  start: string;
  end: string;
  baseline: string;
  weights: { name: string; weight: string }[];
  goals: GoalChoice[];
  /** '' for the default. */
  method: NonNullable<Definition['method']> | '';
  correction: NonNullable<Definition['correction']> | '';
  alpha: string;
  /** Percent. */
  smallestLift: string;
  power: string;
  hidden: boolean;
  decision: 'open' | 'given up' | 'variant';
  decidedVariant: string;
  decidedDay: string;
  decidedNote: string;
}

const setNames: readonly GoalSet[] = ['primary', 'secondary', 'guardrail'];

/** What every part of the dialog gets. */
export interface EditFieldsProps {
  form: EditForm;
  onChange: (change: Partial<EditForm>) => void;
}

export function toForm({ definition, variants, goals, status }: ExperimentAnswer, today: string): EditForm {
  const said = definition ?? {};
  const names = new Set([...(said.variants ?? []).map(({ name }) => name), ...variants.map(({ name }) => name)]);
  const decision = said.decision;
  return {
    hypothesis: said.hypothesis ?? '',
    status: said.status ?? status,
    start: said.start ?? '',
    end: said.end ?? '',
    baseline: said.baseline ?? '',
    weights: [...names].map((name) => ({
      name,
      weight: String(said.variants?.find((variant) => variant.name === name)?.weight ?? ''),
    })),
    goals: goals.map(({ name, metric, set, better }) => ({
      name,
      metric: saidMetric(said.goals, name, metric),
      // Without a definition that names goals, every goal counts as primary without anybody having said so.
      set: said.goals === undefined || set === 'other' ? '' : set,
      better,
    })),
    method: said.method ?? '',
    correction: said.correction ?? '',
    alpha: numberText(said.alpha),
    smallestLift: numberText(said.smallestLift, 100),
    power: numberText(said.power),
    hidden: said.hidden ?? false,
    decision: !decision ? 'open' : decision.variant === undefined ? 'given up' : 'variant',
    decidedVariant: decision?.variant ?? variants[0]?.name ?? '',
    decidedDay: decision?.day ?? today,
    decidedNote: decision?.note ?? '',
  };
}

/** What the definition says of a goal that is shown with a metric; '' where it says nothing. */
function saidMetric(said: Definition['goals'], name: string, metric: Metric): Metric | '' {
  const goals = Object.values(said ?? {}).flat();
  return goals.some((goal) => goal.name === name && goal.metric === metric) ? metric : '';
}

/** The definition that the form says; whatever the form has no field for stays as it was. */
export function toDefinition(form: EditForm, before: Definition | null): Definition {
  const changed = {
    hypothesis: textOf(form.hypothesis),
    start: textOf(form.start),
    end: textOf(form.end),
    baseline: textOf(form.baseline),
    hidden: form.hidden || undefined,
    decision: decisionOf(form),
    variants: variantsOf(form, before?.variants),
    goals: goalsOf(form, before?.goals),
    method: form.method || undefined,
    correction: form.correction || undefined,
    alpha: numberOf(form.alpha),
    smallestLift: numberOf(form.smallestLift, 100),
    power: numberOf(form.power),
  };
  return withoutUndefined({ ...before, ...changed, status: form.status });
}

function textOf(text: string): string | undefined {
  return text.trim() === '' ? undefined : text.trim();
}

/** Twelve digits: a share that was typed as a percentage comes back as it was typed. */
function numberText(number: number | undefined, times = 1): string {
  return number === undefined ? '' : String(Number((number * times).toPrecision(12)));
}

/** What is no number becomes null on its way, and the server says what it expected. */
function numberOf(text: string, times = 1): number | undefined {
  const typed = textOf(text.replace(',', '.').replace(/\s*%$/, ''));
  return typed === undefined ? undefined : Number((Number(typed) / times).toPrecision(12));
}

function decisionOf({ decision, decidedVariant, decidedDay, decidedNote }: EditForm): Decision | undefined {
  if (decision === 'open') return undefined;
  return withoutUndefined({
    variant: decision === 'variant' ? decidedVariant : undefined,
    day: textOf(decidedDay),
    note: textOf(decidedNote),
  });
}

/** Variants become part of the definition with their weights; before that, whatever is received is a variant. */
function variantsOf({ weights }: EditForm, before: Definition['variants']): Definition['variants'] {
  const weighted = weights.filter(({ weight }) => weight.trim() !== '');
  if (weighted.length === 0 && before === undefined) return undefined;
  const named =
    weighted.length > 0 ? weighted : weights.filter(({ name }) => before?.some((variant) => variant.name === name));
  return named.map(({ name, weight }) => {
    const old = before?.find((variant) => variant.name === name);
    return withoutUndefined({ ...old, name, weight: weight.trim() === '' ? undefined : Number(weight) });
  });
}

function goalsOf({ goals }: EditForm, before: Definition['goals']): Definition['goals'] {
  const chosen = setNames.flatMap((set): [GoalSet, GoalDefinition[]][] => {
    const inSet = goals.filter((goal) => goal.set === set);
    return inSet.length === 0 ? [] : [[set, inSet.map((goal) => goalOf(goal, before))]];
  });
  return chosen.length === 0 ? undefined : Object.fromEntries(chosen);
}

function goalOf({ name, metric, better }: GoalChoice, before: Definition['goals']): GoalDefinition {
  const known = Object.values(before ?? {}).flat();
  const ofName = known.filter((goal) => goal.name === name);
  const old = ofName.find((goal) => (goal.metric ?? '') === metric) ?? ofName[0];
  return withoutUndefined({
    ...old,
    name,
    metric: metric || undefined,
    better: better === 'higher' ? undefined : better,
  });
}

type Said<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(values: T): Said<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Said<T>;
}
