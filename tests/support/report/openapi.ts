import { readFileSync } from 'node:fs';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import Ajv2020 from 'ajv/dist/2020';
import { parse } from 'yaml';

interface Reference {
  $ref?: string;
}

interface ResponseObject extends Reference {
  headers?: Record<string, Reference>;
  content?: Record<string, unknown>;
}

interface Document {
  paths: Record<string, Record<string, { responses?: Record<string, ResponseObject> }>>;
}

/** Holds answers against docs/api/openapi.yaml. */
export interface Contract {
  /** Every answer that is documented: `GET /track 200`. */
  documented: string[];
  /** What of an answer is not as documented, in words; nothing where all is. */
  faultsOf: (operation: string, answer: APIGatewayProxyStructuredResultV2) => string[];
}

const METHODS = ['get', 'post', 'put', 'delete'];
const ID = 'openapi.yaml';

export function readContract(path = 'docs/api/openapi.yaml'): Contract {
  const document = parse(readFileSync(path, 'utf8')) as Document;
  const ajv = new Ajv2020({ strict: false, validateSchema: false, allErrors: true, formats: { date: true } });
  ajv.addSchema(document, ID);

  /** A JSON pointer into the document, and what is there, references followed. */
  function follow(pointer: string): { pointer: string; value: Reference } {
    const value = pointer
      .split('/')
      .slice(1)
      .reduce<unknown>((node, part) => (node as Record<string, unknown> | undefined)?.[unescape(part)], document);
    const { $ref } = (value ?? {}) as Reference;
    return $ref === undefined ? { pointer, value: value ?? {} } : follow($ref.slice(1));
  }

  function faultsOf(schema: string, value: unknown): string[] {
    const validate = ajv.compile({ $ref: `${ID}#${encodeURI(schema)}` });
    return validate(value) ? [] : [ajv.errorsText(validate.errors)];
  }

  const documented = Object.entries(document.paths).flatMap(([route, operations]) =>
    METHODS.flatMap((method) =>
      Object.keys(operations[method]?.responses ?? {}).map((status) => `${method.toUpperCase()} ${route} ${status}`),
    ),
  );

  return {
    documented,
    faultsOf(operation, { statusCode, headers = {}, body = '' }) {
      const [method = '', route = ''] = operation.split(' ');
      if (!documented.includes(`${operation} ${statusCode}`)) return [`status ${statusCode} is not documented`];
      const response = follow(`/paths/${escape(route)}/${method.toLowerCase()}/responses/${statusCode}`);
      const { headers: ofDocument = {}, content } = response.value as ResponseObject;

      const faults = Object.keys(ofDocument).flatMap((name) => {
        const header = follow(`${response.pointer}/headers/${escape(name)}`);
        return faultsOf(`${header.pointer}/schema`, headers[name.toLowerCase()] ?? 'missing').map(
          (fault) => `${name}: ${fault}`,
        );
      });
      if (!content) return body === '' ? faults : [...faults, 'a body that is not documented'];
      const type = String(headers['content-type']).split(';', 1)[0] ?? '';
      if (!(type in content)) return [...faults, `content-type ${type} is not documented`];
      return [
        ...faults,
        ...faultsOf(
          `${response.pointer}/content/${escape(type)}/schema`,
          type.endsWith('json') ? JSON.parse(body) : body,
        ),
      ];
    },
  };
}

function escape(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1');
}

function unescape(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}
