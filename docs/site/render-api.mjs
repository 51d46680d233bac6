import { readFileSync, writeFileSync } from 'node:fs';
import { parse } from 'yaml';

const METHODS = ['get', 'post', 'put', 'delete'];

/** Writes the API's contract as one page: every route, and every schema that routes refer to. */
export function renderApi({ contract, page }) {
  const api = parse(readFileSync(contract, 'utf8'), { merge: true });
  const operations = Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      path,
      method,
      shared: item.parameters,
      ...item[method],
    })),
  );
  const sections = api.tags.map(({ name, description }) => {
    const routes = operations
      .filter(({ tags }) => tags?.includes(name))
      .map((operation) => renderRoute(operation, api));
    return `## ${titled(name)}\n\n${escape(description)}.\n\n${routes.join('\n')}`;
  });
  const schemas = Object.entries(api.components.schemas).map(([name, schema]) => renderSchema(name, schema));
  const head = `---\noutline: [2, 3]\n---\n\n# API\n\n${escape(api.info.description)}\n\nFor programs: <a href="/openapi.yaml" download>openapi.yaml</a>, OpenAPI ${api.openapi}.\n`;
  writeFileSync(page, [head, ...sections, '## Schemas\n', ...schemas].join('\n'));
}

function renderRoute({ path, method, summary, description, parameters = [], shared = [], ...rest }, api) {
  const inputs = [...shared, ...parameters].map((parameter) => resolve(parameter, api));
  const body = resolve(rest.requestBody, api);
  const parts = [
    `### ${method.toUpperCase()} ${escape(path)} {#${method}${path.replace(/\W+/g, '-').replace(/-$/, '')}}`,
    `**${escape(summary)}.**${description === undefined ? '' : ` ${sentence(description)}`}`,
    needsKey(rest.security ?? api.security),
    inputs.length === 0
      ? ''
      : table(
          ['parameter', 'in', 'type', ''],
          inputs.map(({ name, in: where, required, schema, description: says }) => [
            `\`${name}\`${required ? ' (required)' : ''}`,
            where,
            typeOf(schema),
            escape(says ?? schema.description ?? ''),
          ]),
        ),
    body === undefined ? '' : `Body${note(body)}: ${contents(body)}`,
    table(
      ['status', 'when', 'body'],
      Object.entries(rest.responses ?? {}).map(([status, given]) => {
        const response = resolve(given, api);
        return [status, escape(response.description), contents(response)];
      }),
    ),
  ];
  return parts.filter((part) => part !== '').join('\n\n') + '\n';
}

function needsKey(security) {
  if (security.length === 0) return 'Needs no key.';
  if (security.some((way) => Object.keys(way).length === 0))
    return 'An API key is optional: header `x-api-key`, or `Authorization: Bearer`.';
  return 'Needs an API key: header `x-api-key`, or `Authorization: Bearer`.';
}

function renderSchema(name, schema) {
  const heading = `### ${name} {#schema-${name.toLowerCase()}}`;
  const properties = Object.entries(schema.properties ?? {});
  const required = new Set(schema.required ?? []);
  const rows = properties.map(([key, value]) => [
    `\`${key}\`${required.has(key) ? ' (required)' : ''}`,
    typeOf(value),
    escape(value.description ?? ''),
  ]);
  const body = rows.length > 0 ? table(['property', 'type', ''], rows) : typeOf(schema);
  return [heading, sentence(schema.description ?? ''), body].filter((part) => part !== '').join('\n\n') + '\n';
}

/** A schema in a few words, with links to those that it refers to. */
function typeOf(schema = {}) {
  if (schema.$ref) return linkTo(schema.$ref);
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(' ');
  for (const [key, word] of [
    ['oneOf', ' or '],
    ['anyOf', ' or '],
    ['allOf', ' and '],
  ]) {
    const named = schema[key]?.filter((part) => part.$ref || part.type || part.enum || part.const !== undefined);
    if (named?.length > 0) return named.map(typeOf).join(word);
  }
  if (schema.prefixItems)
    return `array: ${[...schema.prefixItems.map(typeOf), `then ${typeOf(schema.items)}`].join(', ')}`;
  if (schema.items) return `array of ${typeOf(schema.items)}${bounds(schema)}`;
  if (schema.properties) {
    const parts = Object.entries(schema.properties).map(([key, value]) => `\`${key}\` ${typeOf(value)}`);
    return `object (${parts.join('; ')})`;
  }
  if (typeof schema.additionalProperties === 'object')
    return `object of ${typeOf(schema.additionalProperties)}${bounds(schema)}`;
  const types = [schema.type ?? 'any'].flat().join(' or ');
  return `${types}${bounds(schema)}`;
}

function bounds(schema) {
  const words = [
    between(schema.minLength, schema.maxLength, 'characters'),
    between(schema.minItems, schema.maxItems, 'items'),
    schema.maxProperties === undefined ? '' : `at most ${schema.maxProperties}`,
    between(schema.minimum, schema.maximum, ''),
    schema.pattern === undefined ? '' : code(schema.pattern),
    schema.default === undefined ? '' : `default ${code(schema.default)}`,
  ].filter((word) => word !== '');
  return words.length === 0 ? '' : `, ${words.join(', ')}`;
}

function between(least, most, what) {
  if (least === undefined && most === undefined) return '';
  const range =
    most === undefined ? `at least ${least}` : least === undefined ? `at most ${most}` : `${least} to ${most}`;
  return `${range} ${what}`.trim();
}

function contents({ content }) {
  const types = Object.entries(content ?? {});
  const shown = types.map(([type, { schema }]) => `${type}: ${typeOf(schema)}`);
  return shown.length === 0 ? '–' : shown.join('<br>');
}

const note = ({ description }) => (description === undefined ? '' : ` (${escape(description)})`);
const linkTo = (reference) => {
  const name = reference.split('/').at(-1);
  return `[${name}](#schema-${name.toLowerCase()})`;
};
const resolve = (value, api) =>
  value?.$ref === undefined
    ? value
    : value.$ref
        .slice(2)
        .split('/')
        .reduce((at, key) => at[key], api);
const titled = (word) => word[0].toUpperCase() + word.slice(1);
const code = (value) => `\`${String(value === '' ? '""' : value).replaceAll('|', '\\|')}\``;
const sentence = (text) => (text === '' ? '' : escape(text).replace(/([^.])$/, '$1.'));
/** Quoted parts stay; elsewhere no sign is markup. */
const escape = (text) =>
  String(text)
    .trim()
    .split(/(`[^`]*`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[<>{}|]/g, (sign) => `&#${sign.codePointAt(0)};`)))
    .join('');

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replace(/\n+/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
