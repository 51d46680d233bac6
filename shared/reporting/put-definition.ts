import { checkDefinition } from '../contract/check-definition.ts';
import type { Definition } from '../contract/definition.ts';
import type { Definitions } from '../counting/ports.ts';
import { RequestError } from '../runtime/errors.ts';
import type { StoredDefinitionAnswer } from '../contract/answers.ts';

/** Below DynamoDB's limit for an item, 400 KB. */
const MOST_BYTES = 256 * 1_024;

/**
 * Stores a definition given as JSON text.
 * @param ifMatch the `definedAt` of the definition that this one is made from, in quotes, or '""' where there was none;
 *   undefined where it does not matter
 * @param by whose key it is: for the log of changes, and for a new decision
 * @throws RequestError that names every fault; 412 where somebody else has changed it meanwhile
 */
export async function putDefinition(
  namespace: string,
  name: string,
  body: string,
  ifMatch: string | undefined,
  by: string,
  definitions: Pick<Definitions, 'read' | 'write'>,
): Promise<StoredDefinitionAnswer> {
  requireName('namespace', namespace, 0);
  requireName('experiment', name, 1);
  if (Buffer.byteLength(body) > MOST_BYTES) {
    throw new RequestError(
      413,
      'too_large',
      `expected a definition of at most ${MOST_BYTES} bytes, got ${Buffer.byteLength(body)}`,
    );
  }
  const checked = checkDefinition(parseJson(body));
  if (!checked.ok) {
    const told = checked.faults.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
    throw new RequestError(400, 'invalid_definition', told, checked.faults);
  }
  const definition = await withDecider(checked.definition, by, () => definitions.read(namespace, name));
  const writtenAt = await definitions.write(namespace, name, definition, readIfMatch(ifMatch), by);
  if (writtenAt === undefined) {
    throw new RequestError(
      412,
      'changed_meanwhile',
      'the definition has been changed since it was read: read it again, and make the change in that one',
    );
  }
  return { namespace, name, definition, definedAt: new Date(writtenAt).toISOString() };
}

/** A decision that stands keeps who made it. */
async function withDecider(
  definition: Definition,
  by: string,
  readBefore: () => ReturnType<Definitions['read']>,
): Promise<Definition> {
  const { decision } = definition;
  if (!decision) return definition;
  const before = (await readBefore())?.definition?.decision;
  const stands = before && (['variant', 'day', 'note'] as const).every((part) => before[part] === decision[part]);
  const { by: claimed, ...said } = decision;
  const decider = stands ? (before.by ?? claimed) : by;
  return { ...definition, decision: { ...said, ...(decider !== undefined && { by: decider }) } };
}

/** When the definition was written that is to be replaced, ms; null for none. */
function readIfMatch(ifMatch: string | undefined): number | null | undefined {
  if (ifMatch === undefined || ifMatch === '*') return undefined;
  const [, time] = /^"(.*)"$/.exec(ifMatch) ?? [];
  if (time === '') return null;
  if (time !== undefined && Number.isFinite(Date.parse(time))) return Date.parse(time);
  throw new RequestError(
    400,
    'invalid_if_match',
    `If-Match: expected a definedAt in quotes, or "" where there is no definition, got ${JSON.stringify(ifMatch.slice(0, 100))}`,
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RequestError(400, 'not_json', 'expected a definition as a JSON object, got something that is no JSON');
  }
}

/** As in the event's schema: a definition of a name that no event can have would never meet its counts. */
export function requireName(what: string, name: string, least: number): void {
  const length = Array.from(name).length;
  if (length >= least && length <= 256 && !/[\p{Cc}\p{Cs}]/u.test(name)) return;
  throw new RequestError(
    400,
    'invalid_name',
    `${what}: expected ${least} to 256 characters without control characters, got ${length}`,
  );
}
