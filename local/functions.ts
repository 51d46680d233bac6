import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { join, parse } from 'node:path';
import type { Context } from 'aws-lambda';
import type { FunctionDefinition, Service } from './service.ts';

/**
 * Runs a function in this process. Rejects where its handler does.
 * @param stopping once it is aborted, the function hears that no time is left
 */
export type Invoke = (event: unknown, stopping?: AbortSignal) => Promise<unknown>;

/** Lambda's own, where serverless.yml says nothing. */
const DEFAULT_TIMEOUT_SECONDS = 6;

type Handler = (event: unknown, context: Context) => Promise<unknown>;

/**
 * Loads the functions of a service from where they were bundled, with the environment that they share in this process.
 * @param environment names and addresses of this machine, which take the place of what CloudFormation would put in
 * @throws Error where a function has no bundle, or two want different values under one name
 */
export function loadFunctions(
  service: Service,
  folder: string,
  environment: Record<string, string>,
): Record<string, Invoke> {
  Object.assign(process.env, joinEnvironments(service, environment));
  const load = createRequire(join(folder, 'local.cjs'));
  return Object.fromEntries(
    Object.entries(service.functions).map(([name, definition]) => [name, createInvoke(name, definition, load)]),
  );
}

function createInvoke(name: string, definition: FunctionDefinition, load: NodeJS.Require): Invoke {
  const { handler: path, timeout = DEFAULT_TIMEOUT_SECONDS } = definition;
  const { dir, name: file, ext } = parse(path);
  const find = () => (load(`./${dir}/${file}.cjs`) as Record<string, Handler | undefined>)[ext.slice(1)];
  return async (event, stopping) => {
    // As at a cold start: what nobody calls, takes no memory.
    const handler = find();
    if (!handler) throw new Error(`serverless.yml: the handler ${path} of ${name} is not there.`);
    return handler(event, createContext(name, timeout, stopping));
  };
}

function createContext(functionName: string, timeoutSeconds: number, stopping?: AbortSignal): Context {
  const deadline = Date.now() + timeoutSeconds * 1_000;
  const context: Partial<Context> = {
    functionName,
    awsRequestId: randomUUID(),
    getRemainingTimeInMillis: () => (stopping?.aborted ? 0 : deadline - Date.now()),
  };
  return context as Context;
}

/** The functions share this process, and so its environment. */
function joinEnvironments({ functions }: Service, local: Record<string, string>): Record<string, string> {
  const joined: Record<string, string> = { ...local };
  for (const [name, { environment = {} }] of Object.entries(functions)) {
    for (const [variable, value] of Object.entries(environment)) {
      if (variable in local) continue;
      if (typeof value !== 'string' || (joined[variable] ?? value) !== value) {
        throw new Error(
          `serverless.yml: ${variable} of ${name}: expected one text for all functions, got ${JSON.stringify(value)}; ` +
            'what CloudFormation puts in has its local value in local/system.ts.',
        );
      }
      joined[variable] = value;
    }
  }
  return joined;
}
