import type { ErrorObject } from 'ajv';
import { checkCondition } from './check-condition.ts';
import type { Definition, Fault, GoalDefinition, VariantDefinition } from './definition.ts';
import validate from './validators/definition-validator.generated.cjs';
import { EXPOSURE } from './event.ts';
import { goalSets } from './statistics.ts';

export type CheckedDefinition = { ok: true; definition: Definition } | { ok: false; faults: Fault[] };

/** As in sampleRatio() of stats/: below this part of the largest a weight is a slip. */
const SMALLEST_SHARE = 1e-9;

/** Decides whether `candidate` is a definition that can be reported by. Never throws; names every fault. */
export function checkDefinition(candidate: unknown): CheckedDefinition {
  if (!validate(candidate)) return { ok: false, faults: (validate.errors ?? []).map(explain) };
  const faults = contradictions(candidate);
  return faults.length === 0 ? { ok: true, definition: candidate } : { ok: false, faults };
}

export interface SalvagedDefinition {
  /** What can be used; undefined where that is nothing. */
  definition: Definition | undefined;
  /** What had to be left out, and why. */
  faults: Fault[];
}

/** Reads a stored definition: a goal that is wrong is left out, and takes nothing else with it. */
export function salvageDefinition(stored: unknown): SalvagedDefinition {
  const whole = checkDefinition(stored);
  if (whole.ok) return { definition: whole.definition, faults: [] };
  const without = checkDefinition(withoutBrokenGoals(stored));
  return { definition: without.ok ? without.definition : undefined, faults: whole.faults };
}

function withoutBrokenGoals(stored: unknown): unknown {
  if (!isObject(stored) || !isObject(stored.goals)) return stored;
  const kept: GoalDefinition[] = [];
  const goals: Record<string, GoalDefinition[]> = {};
  for (const set of goalSets) {
    const given: unknown = stored.goals[set];
    for (const goal of Array.isArray(given) ? (given as GoalDefinition[]) : []) {
      if (!checkDefinition({ goals: { primary: [...kept, goal] } }).ok) continue;
      kept.push(goal);
      goals[set] = [...(goals[set] ?? []), goal];
    }
  }
  return { ...stored, goals };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a schema cannot say. */
function contradictions(definition: Definition): Fault[] {
  const { variants, baseline, decision, winner, start, end, goals, exclusive, targeting } = definition;
  const names = variants?.map(({ name }) => name);
  const oneOf = (path: string, name: string | undefined): Fault[] =>
    name === undefined || names === undefined || names.includes(name)
      ? []
      : [{ path, message: `expected one of the variants, got ${JSON.stringify(name)}` }];
  return [
    ...wrongVariants(variants ?? []),
    ...oneOf('baseline', baseline),
    ...oneOf('decision.variant', decision?.variant),
    ...oneOf('winner', winner),
    ...wrongRange(exclusive?.range),
    ...(targeting === undefined ? [] : checkCondition('targeting', targeting)),
    ...wrongDays({ start, end, 'decision.day': decision?.day }),
    ...(start !== undefined && end !== undefined && start > end
      ? [{ path: 'end', message: `expected ${start} or later, got ${end}` }]
      : []),
    ...wrongGoals(goals ?? {}),
  ];
}

function wrongRange([from, to]: readonly [number, number] = [0, 1]): Fault[] {
  return from < to
    ? []
    : [{ path: 'exclusive.range', message: `expected a range such as [0, 0.5], got [${from}, ${to}]` }];
}

function wrongVariants(variants: readonly VariantDefinition[]): Fault[] {
  const names = variants.map(({ name }) => name);
  const twice = names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [{ path: `variants[${i}].name`, message: `${JSON.stringify(name)} is given twice` }],
  );
  const weights = variants.flatMap(({ weight }) => weight ?? []);
  if (weights.length === 0) return twice;
  if (weights.length < variants.length) {
    return [...twice, { path: 'variants', message: 'expected a weight for every variant or for none' }];
  }
  const largest = Math.max(...weights);
  const tooSmall = weights.some((weight) => weight > 0 && weight < largest * SMALLEST_SHARE);
  if (weights.filter((weight) => weight > 0).length < 2 || tooSmall) {
    const message = `expected at least two weights above 0, none below ${SMALLEST_SHARE} of the largest`;
    return [...twice, { path: 'variants', message }];
  }
  return twice;
}

function wrongDays(days: Record<string, string | undefined>): Fault[] {
  return Object.entries(days).flatMap(([path, day]) =>
    day === undefined || isDay(day) ? [] : [{ path, message: `expected a day such as 2026-11-20, got ${day}` }],
  );
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function wrongGoals(goals: NonNullable<Definition['goals']>): Fault[] {
  const seen = new Set<string>();
  return goalSets.flatMap((set) =>
    (goals[set] ?? []).flatMap(({ name, metric = 'conversions' }, i) => {
      const path = `goals.${set}[${i}]`;
      if (name === EXPOSURE) return [{ path, message: `${EXPOSURE} is the exposure itself, not a goal` }];
      const id = `${metric}:${name}`;
      if (seen.has(id)) return [{ path, message: `${JSON.stringify(name)} is given twice with the metric ${metric}` }];
      seen.add(id);
      return [];
    }),
  );
}

function explain({ instancePath, keyword, params, data }: ErrorObject): Fault {
  const path = instancePath
    .slice(1)
    .replace(/\/(\d+)(?=\/|$)/g, '[$1]')
    .replace(/\//g, '.');
  const given = params as Record<string, unknown>;
  const came = describe(data);
  switch (keyword) {
    case 'required':
      return { path, message: `expected the property ${String(given.missingProperty)}, got none` };
    case 'additionalProperties':
      return { path, message: `unknown property ${JSON.stringify(given.additionalProperty)}` };
    case 'enum':
      return { path, message: `expected ${(given.allowedValues as string[]).join(', ')}, got ${came}` };
    case 'type':
      return { path, message: `expected ${String(given.type)}, got ${came}` };
    case 'pattern':
      return path.endsWith('start') || path.endsWith('end') || path.endsWith('day')
        ? { path, message: `expected a day such as 2026-11-20, got ${came}` }
        : { path, message: `expected no control characters and no broken Unicode, got ${came}` };
    case 'minimum':
    case 'minLength':
    case 'minItems':
      return { path, message: `expected at least ${String(given.limit)}${unitOf(keyword)}, got ${came}` };
    case 'maximum':
    case 'maxLength':
    case 'maxItems':
      return { path, message: `expected at most ${String(given.limit)}${unitOf(keyword)}, got ${came}` };
    default:
      return { path, message: `is not as expected (${keyword}), got ${came}` };
  }
}

function unitOf(keyword: string): string {
  if (keyword.endsWith('Length')) return ' characters';
  return keyword.endsWith('Items') ? ' entries' : '';
}

function describe(data: unknown): string {
  if (typeof data === 'string') return data.length > 40 ? `a text of ${data.length}` : JSON.stringify(data);
  if (Array.isArray(data)) return `${data.length} entries`;
  return isObject(data) ? 'an object' : String(data);
}
