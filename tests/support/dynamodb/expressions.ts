import type { AttributeValue } from '@aws-sdk/client-dynamodb';

export type Item = Record<string, AttributeValue>;

/** What an expression's `#names` and `:values` stand for. */
export interface Substitutions {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
}

type Operand = (item: Item, used: Substitutions) => AttributeValue | undefined;
type Condition = (item: Item, used: Substitutions) => boolean;
/** Changes an item in place. */
type Action = (item: Item, before: Item, used: Substitutions) => void;
type NameOf = (used: Substitutions) => string;

/** Whether a ConditionExpression, FilterExpression or KeyConditionExpression holds for an item. */
export function holds(expression: string, item: Item, used: Substitutions): boolean {
  return parsed(conditions, expression, (words) => parseAll(words, parseOr))(item, used);
}

/** The item after an UpdateExpression. */
export function updated(expression: string, before: Item, used: Substitutions): Item {
  const after = { ...before };
  for (const act of parsed(updates, expression, (words) => parseAll(words, parseActions))) act(after, before, used);
  return after;
}

/** The attributes that a ProjectionExpression names. */
export function projected(expression: string, item: Item, used: Substitutions): Item {
  const names = new Set(expression.split(',').map((name) => resolve(name.trim(), used)));
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

/** Expressions are a handful of constants: each is parsed once. */
const conditions = new Map<string, Condition>();
const updates = new Map<string, Action[]>();

function parsed<T>(cache: Map<string, T>, expression: string, parse: (words: Words) => T): T {
  const known = cache.get(expression) ?? parse(new Words(expression));
  cache.set(expression, known);
  return known;
}

class Words {
  readonly #words: string[];
  #next = 0;

  constructor(readonly expression: string) {
    this.#words = expression.match(/<=|>=|<>|[<>=(),+-]|[#:]?\w+|\S/g) ?? [];
  }

  get next(): string {
    return this.#words[this.#next] ?? '';
  }

  take(): string {
    const word = this.next;
    this.#next += 1;
    return word;
  }

  /** Takes the next word if it is this one; keywords are written in any case. */
  takes(word: string): boolean {
    const isNext = this.next.toUpperCase() === word.toUpperCase();
    if (isNext) this.#next += 1;
    return isNext;
  }

  expect(word: string): void {
    if (!this.takes(word)) this.fail(`'${word}'`);
  }

  fail(wanted: string): never {
    throw new Error(`expected ${wanted} at '${this.next}' of the expression: ${this.expression}`);
  }
}

function parseAll<T>(words: Words, parse: (words: Words) => T): T {
  const result = parse(words);
  if (words.next !== '') words.fail('the end');
  return result;
}

function parseOr(words: Words): Condition {
  const parts = [parseAnd(words)];
  while (words.takes('OR')) parts.push(parseAnd(words));
  return (item, used) => parts.some((part) => part(item, used));
}

function parseAnd(words: Words): Condition {
  const parts = [parseNot(words)];
  while (words.takes('AND')) parts.push(parseNot(words));
  return (item, used) => parts.every((part) => part(item, used));
}

function parseNot(words: Words): Condition {
  if (words.takes('NOT')) {
    const negated = parseNot(words);
    return (item, used) => !negated(item, used);
  }
  if (words.takes('(')) {
    const inner = parseOr(words);
    words.expect(')');
    return inner;
  }
  const test = tests[words.next];
  return test ? parseTest(words, test) : parseComparison(words);
}

const tests: Record<string, (found: AttributeValue | undefined, wanted: AttributeValue | undefined) => boolean> = {
  attribute_exists: (found) => found !== undefined,
  attribute_not_exists: (found) => found === undefined,
  begins_with: (found, wanted) => found?.S !== undefined && wanted?.S !== undefined && found.S.startsWith(wanted.S),
};

function parseTest(words: Words, test: NonNullable<(typeof tests)[string]>): Condition {
  words.take();
  words.expect('(');
  const found = parseOperand(words);
  const wanted = words.takes(',') ? parseOperand(words) : undefined;
  words.expect(')');
  return (item, used) => test(found(item, used), wanted?.(item, used));
}

function parseComparison(words: Words): Condition {
  const left = parseOperand(words);
  const comparator = words.take();
  const right = parseOperand(words);
  const compares = comparators[comparator] ?? words.fail('a comparison');
  return (item, used) => compares(order(left(item, used), right(item, used)));
}

/** Of what cannot be compared, as where an attribute is missing, only that it differs is true. */
const comparators: Record<string, (order: number | undefined) => boolean> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order !== undefined && order < 0,
  '<=': (order) => order !== undefined && order <= 0,
  '>': (order) => order !== undefined && order > 0,
  '>=': (order) => order !== undefined && order >= 0,
};

/** Below 0, 0 or above 0; undefined where the types differ or one is missing. Texts are ordered by their UTF-8 bytes. */
export function order(a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined {
  if (a?.S !== undefined && b?.S !== undefined) return Buffer.compare(Buffer.from(a.S), Buffer.from(b.S));
  if (a?.N !== undefined && b?.N !== undefined) return Number(a.N) - Number(b.N);
  if (a?.B !== undefined && b?.B !== undefined) return Buffer.compare(a.B, b.B);
  return undefined;
}

function parseOperand(words: Words): Operand {
  const word = words.take();
  if (word.startsWith(':')) return (_, used) => valueOf(word, used);
  if (!/^#?[A-Za-z_]\w*$/.test(word)) words.fail(`an operand before, got '${word}',`);
  return (item, used) => item[resolve(word, used)];
}

function valueOf(word: string, { ExpressionAttributeValues }: Substitutions): AttributeValue {
  const value = ExpressionAttributeValues?.[word];
  if (!value) throw new Error(`${word} has no value`);
  return value;
}

function resolve(word: string, { ExpressionAttributeNames }: Substitutions): string {
  if (!word.startsWith('#')) return word;
  const name = ExpressionAttributeNames?.[word];
  if (name === undefined) throw new Error(`${word} has no name`);
  return name;
}

function parseActions(words: Words): Action[] {
  const actions: Action[] = [];
  while (words.next !== '') {
    const parse = clauses[words.take().toUpperCase()] ?? words.fail('SET, ADD or REMOVE before');
    do actions.push(parse(words));
    while (words.takes(','));
  }
  return actions;
}

const clauses: Record<string, (words: Words) => Action> = {
  SET(words) {
    const name = parseName(words);
    words.expect('=');
    const value = parseSum(words);
    return (item, before, used) => {
      item[name(used)] = value(before, used) ?? words.fail('an attribute that is there');
    };
  },
  ADD(words) {
    const name = parseName(words);
    const increment = parseOperand(words);
    return (item, before, used) => {
      item[name(used)] = sum(before[name(used)] ?? { N: '0' }, increment(before, used), 1);
    };
  },
  REMOVE(words) {
    const name = parseName(words);
    return (item, _, used) => {
      Reflect.deleteProperty(item, name(used));
    };
  },
};

function parseName(words: Words): NameOf {
  const word = words.take();
  return (used) => resolve(word, used);
}

function parseSum(words: Words): Operand {
  const left = parseSetOperand(words);
  const sign = words.takes('+') ? 1 : words.takes('-') ? -1 : 0;
  if (sign === 0) return left;
  const right = parseSetOperand(words);
  return (item, used) => sum(left(item, used), right(item, used), sign);
}

function parseSetOperand(words: Words): Operand {
  if (!words.takes('if_not_exists')) return parseOperand(words);
  words.expect('(');
  const present = parseOperand(words);
  words.expect(',');
  const otherwise = parseOperand(words);
  words.expect(')');
  return (item, used) => present(item, used) ?? otherwise(item, used);
}

function sum(a: AttributeValue | undefined, b: AttributeValue | undefined, sign: 1 | -1): AttributeValue {
  if (a?.N === undefined || b?.N === undefined) throw new Error('only numbers can be added');
  return { N: String(Number(a.N) + sign * Number(b.N)) };
}
