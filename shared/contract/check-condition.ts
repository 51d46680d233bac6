import type { Fault } from './definition.ts';

/** A rule that people can still read, and clients evaluate within microseconds. */
const MOST_TESTS = 100;
const DEEPEST = 5;
const MOST_VALUES = 100;

const isScalar = (value: unknown) =>
  value === null ||
  typeof value === 'boolean' ||
  Number.isFinite(value) ||
  (typeof value === 'string' && value.length <= 256);
const isNumber = (value: unknown) => Number.isFinite(value);
const isScalars = (value: unknown) => Array.isArray(value) && value.length <= MOST_VALUES && value.every(isScalar);

const A_SCALAR = 'a text of at most 256 characters, a number, true, false or null';
const SCALARS = `a list of at most ${MOST_VALUES} texts, numbers, true, false or null`;

/** Operators -> whether a value is one for them, and what was expected. */
const operators = new Map<string, [fits: (value: unknown) => boolean, expected: string]>([
  ['$eq', [isScalar, A_SCALAR]],
  ['$ne', [isScalar, A_SCALAR]],
  ['$in', [isScalars, SCALARS]],
  ['$nin', [isScalars, SCALARS]],
  ['$lt', [isNumber, 'a number']],
  ['$lte', [isNumber, 'a number']],
  ['$gt', [isNumber, 'a number']],
  ['$gte', [isNumber, 'a number']],
  ['$exists', [(value) => typeof value === 'boolean', 'true or false']],
  ['$percent', [(value) => isNumber(value) && Number(value) >= 0 && Number(value) <= 100, 'a number from 0 to 100']],
]);

/** Every fault of a rule; none where clients can evaluate it. */
export function checkCondition(path: string, condition: unknown): Fault[] {
  let tests = 0;

  function check(at: string, value: unknown, depth: number): Fault[] {
    if (!isObject(value)) return [fault(at, 'a rule as an object', value)];
    if (depth > DEEPEST) {
      return [{ path: at, message: `expected rules within rules at most ${DEEPEST} deep, got more` }];
    }
    return Object.entries(value).flatMap(([name, member]) => checkMember(`${at}.${name}`, name, member, depth));
  }

  function checkMember(at: string, name: string, value: unknown, depth: number): Fault[] {
    if (name === '$not') return check(at, value, depth + 1);
    if (name === '$and' || name === '$or') {
      if (!Array.isArray(value) || value.length === 0) return [fault(at, 'a list of rules', value)];
      return value.flatMap((one, i) => check(`${at}[${i}]`, one, depth + 1));
    }
    if (name === '' || name.startsWith('$') || name.length > 64) {
      const expected = 'an attribute of 1 to 64 characters, $and, $or or $not';
      return [{ path: at, message: `expected ${expected}, got ${JSON.stringify(name.slice(0, 64))}` }];
    }
    if (++tests > MOST_TESTS) {
      return tests > MOST_TESTS + 1 ? [] : [{ path: at, message: `expected at most ${MOST_TESTS} tests` }];
    }
    return isObject(value) ? checkTest(at, value) : isScalar(value) ? [] : [fault(at, A_SCALAR, value)];
  }

  return check(path, condition, 1);
}

function checkTest(path: string, test: Record<string, unknown>): Fault[] {
  const given = Object.entries(test);
  const names = [...operators.keys()].join(', ');
  if (given.length === 0) return [{ path, message: `expected one of ${names}, got none` }];
  return given.flatMap(([name, value]) => {
    const [fits, expected] = operators.get(name) ?? [];
    if (!fits || !expected) return [{ path, message: `expected one of ${names}, got ${JSON.stringify(name)}` }];
    return fits(value) ? [] : [fault(`${path}.${name}`, expected, value)];
  });
}

function fault(path: string, expected: string, value: unknown): Fault {
  return { path, message: `expected ${expected}, got ${JSON.stringify(value).slice(0, 40)}` };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
