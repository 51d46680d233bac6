import type { Definition, GoalDefinition } from '../contract/definition.ts';
import type { Metric, GoalSet, Better } from '../contract/statistics.ts';
import type { IngestNotes } from '../contract/report/ingest-notes.ts';
import { RequestError } from '../runtime/errors.ts';
import type { AnsweredSet } from '../contract/answers.ts';
import { goalsOf, variantsOf, type Tally } from './tally.ts';

/** Who is compared with whom in what: the definition, filled up with what was counted. */
export interface Arrangement {
  /** Undefined while there is no variant. */
  baseline: string | undefined;
  /** Nobody has said which variant is the baseline: it is the first by name. */
  isGuess: boolean;
  /** The variants that are compared, the baseline first. */
  variants: ArrangedVariant[];
  /** Counted variants that the definition does not name. */
  unknown: string[];
  /** Primary, secondary, guardrail, other. */
  goals: ArrangedGoal[];
}

export interface ArrangedVariant {
  name: string;
  weight: number | undefined;
}

export interface ArrangedGoal {
  id: string;
  label: string;
  name: string;
  metric: Metric;
  set: AnsweredSet;
  better: Better;
  description: string | undefined;
}

const SETS: readonly GoalSet[] = ['primary', 'secondary', 'guardrail'];

/** The name that a baseline usually has: it is one without being named. */
const CONTROL = 'control';

/** Who may say which variant is the baseline. */
export interface BaselineSources {
  definition: Definition | undefined;
  /** What the site's clients call their control. */
  notes: Pick<IngestNotes, 'controls'>;
}

/**
 * @param tally of all visitors
 * @param baseline asked for instead of the definition's
 * @throws RequestError where that is no variant
 */
export function arrange(tally: Tally, { definition, notes }: BaselineSources, baseline?: string): Arrangement {
  const { variants, unknown } = arrangeVariants(tally, definition);
  const { chosen, isGuess } = chooseBaseline(variants, { definition, notes }, baseline);
  const ordered = [
    ...variants.filter(({ name }) => name === chosen),
    ...(chosen !== undefined && !variants.some(({ name }) => name === chosen)
      ? [{ name: chosen, weight: undefined }]
      : []),
    ...variants.filter(({ name }) => name !== chosen),
  ];
  return { baseline: chosen, isGuess, variants: ordered, unknown, goals: arrangeGoals(tally, definition) };
}

function arrangeVariants(tally: Tally, definition: Definition | undefined): Pick<Arrangement, 'variants' | 'unknown'> {
  const counted = variantsOf(tally);
  const named = definition?.variants;
  if (named === undefined) return { variants: counted.map((name) => ({ name, weight: undefined })), unknown: [] };
  const names = new Set(named.map(({ name }) => name));
  return {
    variants: named.map(({ name, weight }) => ({ name, weight })),
    unknown: counted.filter((name) => !names.has(name)),
  };
}

function chooseBaseline(
  variants: readonly ArrangedVariant[],
  { definition, notes: { controls } }: BaselineSources,
  asked: string | undefined,
): { chosen: string | undefined; isGuess: boolean } {
  const names = variants.map(({ name }) => name);
  if (asked !== undefined && names.length > 0 && !names.includes(asked)) {
    throw new RequestError(
      400,
      'unknown_baseline',
      `baseline: expected one of ${JSON.stringify(names)}, got ${JSON.stringify(asked)}`,
    );
  }
  const [told, ...others] = controls.filter((control) => names.includes(control));
  const known =
    (names.includes(asked ?? '') ? asked : undefined) ??
    definition?.baseline ??
    (others.length === 0 ? told : undefined) ??
    (names.includes(CONTROL) ? CONTROL : undefined);
  const isGuess = known === undefined && definition?.variants === undefined && names.length > 1;
  return { chosen: known ?? names[0], isGuess };
}

function arrangeGoals(tally: Tally, definition: Definition | undefined): ArrangedGoal[] {
  const usual = usualMetric(tally);
  const defined = SETS.flatMap((set) => (definition?.goals?.[set] ?? []).map((goal) => arrangeGoal(goal, set, usual)));
  const names = new Set(defined.map(({ name }) => name));
  const rest = goalsOf(tally).filter((name) => !names.has(name));
  const all = [
    ...defined,
    ...rest.map((name) => arrangeGoal({ name }, defined.length === 0 ? 'primary' : 'other', usual)),
  ];
  // A goal without a metric and the same one with what is usual are one.
  return [...new Map(all.toReversed().map((goal) => [goal.id, goal])).values()].toReversed();
}

/**
 * How a goal is measured where nobody said: by visitors where participants are those, since conversions of visitors who were
 * never exposed are none of theirs. What was imported is known as conversions alone.
 */
export function usualMetric({ participantsAre, imported }: Tally): 'pct' | 'conversions' {
  return participantsAre === 'units' && imported === undefined ? 'pct' : 'conversions';
}

/** @param usual the metric of a goal that names none: such a goal goes by its own name */
export function arrangeGoal(
  { name, metric, better = 'higher', description }: GoalDefinition,
  set: AnsweredSet,
  usual: Metric = 'conversions',
): ArrangedGoal {
  const measuredBy = metric ?? usual;
  const label = metric === undefined || metric === 'conversions' ? name : `${metric}_${name}`;
  return { id: `${measuredBy}:${name}`, label, name, metric: measuredBy, set, better, description };
}
