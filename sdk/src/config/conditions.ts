import { bucket } from '../rollout.ts';

/** Rules of `/v1/config`, which docs/remote-config.md describes. Anything in them may be of a later version. */
export type Condition = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Condition {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Whether a visitor's attributes fit a rule. What is not known here fits nobody.
 * @param name the experiment's
 */
export function fits(name: string, condition: Condition, attributes: object): boolean {
  const all = (rules: unknown) => (rules as Condition[]).map((rule) => fits(name, rule, attributes));

  return Object.entries(condition).every(([key, wanted]) => {
    if (key === '$and') return all(wanted).every(Boolean);
    if (key === '$or') return all(wanted).some(Boolean);
    if (key === '$not') return !fits(name, wanted as Condition, attributes);
    const value = (attributes as Condition)[key] ?? null;
    const tests = isObject(wanted) ? Object.entries(wanted) : [['$eq', wanted] as const];
    return tests.every(([operator, operand]) => holds(operator, value, operand, `${name}/${key}`));
  });
}

type Operator = (value: unknown, operand: never) => boolean;

const operators: Readonly<Record<string, Operator | undefined>> = {
  $eq: (value, operand) => value === operand,
  $ne: (value, operand) => value !== operand,
  $in: (value, operand: unknown[]) => operand.includes(value),
  $nin: (value, operand: unknown[]) => !operand.includes(value),
  $exists: (value, operand) => (value !== null) === operand,
  $lt: (value, operand) => isNumber(value) && value < operand,
  $lte: (value, operand) => isNumber(value) && value <= operand,
  $gt: (value, operand) => isNumber(value) && value > operand,
  $gte: (value, operand) => isNumber(value) && value >= operand,
};

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function holds(operator: string, value: unknown, operand: unknown, seed: string): boolean {
  if (operator !== '$percent') return operators[operator]?.(value, operand as never) ?? false;
  return (isNumber(value) || typeof value === 'string') && bucket(seed, `${value}`) < (operand as number) / 100;
}
