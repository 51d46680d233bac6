import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Resources } from './create-stores.ts';

/** A function as serverless.yml defines it, with nothing left to be resolved but what CloudFormation resolves. */
export interface FunctionDefinition {
  /** `functions/ingest/handler.handler` */
  handler: string;
  /** s */
  timeout?: number;
  environment?: Record<string, unknown>;
  events?: FunctionEvent[];
}

export interface FunctionEvent {
  httpApi?: string | { method: string; path: string };
  schedule?: string;
  stream?: { batchSize: number; batchWindow: number };
}

/** What is deployed, as far as it runs on one machine, too. */
export interface Service {
  service: string;
  functions: Record<string, FunctionDefinition>;
  resources: { Resources: Resources };
}

/**
 * Reads serverless.yml as the framework does when it deploys, without the framework, which takes ten seconds and 400 MB
 * for it: `${file(…)}` with the settings of mem.config.json behind it, `${self:…}`, and CloudFormation's tags.
 * @param root the folder where serverless.yml is
 * @throws Error with what is wrong in it, or in the settings
 */
export function readService(root: string): Service {
  const load = createRequire(join(root, 'serverless.yml'));
  const files = new Map<string, unknown>();
  const { service, functions, resources } = readFileOnce('serverless.yml') as Record<string, unknown>;
  return resolve({ service, functions, resources: [resolve(resources)].flat().reduce(merge, {}) }) as Service;

  function readFileOnce(file: string): unknown {
    const content = files.get(file) ?? (file.endsWith('.cjs') ? evaluate(file) : readYaml(file));
    files.set(file, content);
    return content;
  }

  function readYaml(file: string): unknown {
    return parse(readFileSync(join(root, file), 'utf8'), { customTags: cloudFormationTags });
  }

  function evaluate(file: string): unknown {
    const made: unknown = load(`./${file}`);
    return typeof made === 'function' ? (made as (context: unknown) => unknown)({ options: {} }) : made;
  }

  function resolve(value: unknown): unknown {
    if (typeof value === 'string') return resolveText(value);
    if (Array.isArray(value)) return value.map(resolve);
    return isObject(value) ? mapValues(value, resolve) : value;
  }

  /** A text that is one variable and nothing else becomes what the variable stands for, of whatever type. */
  function resolveText(text: string): unknown {
    const value = follow(text);
    if (typeof value !== 'string') return resolve(value);
    return value.replace(VARIABLES, (_, variable: string) => String(resolve(lookUp(variable))));
  }

  /** What a text that is a variable stands for, with nothing resolved in it: the rest may lead back to where we are. */
  function follow(value: unknown): unknown {
    const variable = typeof value === 'string' ? WHOLE_VARIABLE.exec(value)?.[1] : undefined;
    return variable === undefined ? value : follow(lookUp(variable));
  }

  function lookUp(variable: string): unknown {
    const file = /^file\(\.\/(.+)\)$/.exec(variable)?.[1];
    if (file !== undefined) return readFileOnce(file);
    if (variable.startsWith('self:')) return lookUpHere(variable.slice('self:'.length));
    if (variable === 'sls:stage') return STAGE;
    throw new Error(`serverless.yml: \${${variable}} is of a kind that npm start does not know: see local/service.ts.`);
  }

  function lookUpHere(path: string): unknown {
    const inside = (value: unknown, name: string) => (follow(value) as Record<string, unknown> | undefined)?.[name];
    const found = path.split('.').reduce(inside, readFileOnce('serverless.yml'));
    if (found === undefined) throw new Error(`serverless.yml: there is no ${path}.`);
    return found;
  }
}

/** What this system calls itself. */
export const STAGE = 'local';

/** `${AWS::Region}` and the like are CloudFormation's. */
const VARIABLES = /\$\{((?:self|file|sls|opt|env|cf|ssm)[:(][^}]*)\}/g;
const WHOLE_VARIABLE = new RegExp(`^${VARIABLES.source}$`);

/** `!Ref EventStream` is short for `{ Ref: EventStream }`. */
const cloudFormationTags = [
  ...['Ref', 'Condition', 'Sub', 'GetAtt', 'GetAZs', 'If', 'Equals', 'And', 'Or', 'Not', 'Join', 'Select', 'Split'],
  ...['Cidr', 'FindInMap', 'ImportValue', 'Base64'],
].flatMap((name) => {
  const toReference = (value: unknown) => ({ [name === 'Ref' || name === 'Condition' ? name : `Fn::${name}`]: value });
  const tag = `!${name}`;
  const ofList = (list: { toJSON: () => unknown }) => toReference(list.toJSON());
  return [
    { tag, resolve: toReference },
    { tag, collection: 'seq' as const, resolve: ofList },
  ];
});

/** What is named twice is one thing with the properties of both, of which the later win. */
function merge(earlier: unknown, later: unknown): unknown {
  if (!isObject(earlier) || !isObject(later)) return later;
  return { ...earlier, ...mapValues(later, (value, name) => (name in earlier ? merge(earlier[name], value) : value)) };
}

function mapValues(record: Record<string, unknown>, change: (value: unknown, name: string) => unknown) {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
