import type {
  FinalizeRequestMiddleware,
  HttpRequest,
  HttpResponse,
  MetadataBearer,
  MiddlewareStack,
  RequestHandler,
  RequestSigner,
} from '@smithy/types';

/**
 * What an AWS SDK client has found out and holds: region, credentials and their renewal, sockets and time-outs are
 * the client's own, so that nothing is configured twice.
 */
export interface LeanClientConfig {
  requestHandler: RequestHandler<HttpRequest, HttpResponse, { requestTimeout?: number }>;
  signer: () => Promise<RequestSigner>;
  streamCollector: (stream: unknown) => Promise<Uint8Array>;
  /** ms by which the service's clock is ahead of ours; whoever notices a difference writes it here. */
  systemClockOffset: number;
}

/**
 * Sends one request's JSON body, and resolves to the answer's.
 * @param patienceMs how long the service may take to begin its answer; the client's own limit where it is left out
 * @throws AwsError where the service refuses; another Error where no whole answer came
 */
export type LeanCall = (body: string, patienceMs?: number) => Promise<unknown>;

/** A refusal of the service. `name` is its code, as in the SDK's own errors: `ThrottlingException`. */
export class AwsError extends Error {
  constructor(
    code: string,
    message: string,
    readonly status: number,
  ) {
    super(message);
    this.name = code;
  }
}

/** What the client sends with every request of one operation. */
interface Template {
  request: HttpRequest;
  signer: RequestSigner;
}

/** From this difference on AWS' services may refuse a signature, which holds for five minutes. */
const CLOCK_SKEW_MS = 240_000;

/**
 * Calls one JSON operation without the client's middleware, which costs more than all else that an event costs. The
 * client prepares the first request itself; every later one is that one with another body, signed anew.
 *
 * Retries are the caller's, but for a clock that was found to be wrong: that request is signed and sent once more.
 */
export function createLeanCall(config: LeanClientConfig, prepareRequest: () => Promise<HttpRequest>): LeanCall {
  let prepared: Promise<Template> | undefined;

  async function prepare(): Promise<Template> {
    return { request: await prepareRequest(), signer: await config.signer() };
  }

  async function ask(body: string, patienceMs: number | undefined): Promise<HttpResponse> {
    prepared ??= prepare();
    prepared.catch(() => (prepared = undefined)); // a region or an endpoint that could not be told: asked again
    const { request, signer } = await prepared;
    const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
    const signingDate = new Date(Date.now() + config.systemClockOffset);
    const signed = await signer.sign({ ...request, headers, body }, { signingDate });
    const options = patienceMs === undefined ? {} : { requestTimeout: patienceMs };
    return (await config.requestHandler.handle(signed, options)).response;
  }

  return async (body, patienceMs) => {
    let response = await ask(body, patienceMs);
    if (learnClock(response, config) && response.statusCode >= 400) {
      await config.streamCollector(response.body);
      response = await ask(body, patienceMs);
    }
    const text = Buffer.from(await config.streamCollector(response.body)).toString('utf8');
    if (response.statusCode >= 300) throw toError(response.statusCode, text);
    return JSON.parse(text) as unknown;
  };
}

/**
 * The request as the client would have signed and sent it: with the endpoint, the headers and the path of its own.
 * @param command any of the operation
 * @param send hands the command to its client. With options, even none, so that the client leaves its cache of
 *   middleware alone: what is added here must not stay in it.
 */
export async function prepareRequest<Input extends object, Output extends MetadataBearer>(
  command: { middlewareStack: Pick<MiddlewareStack<Input, Output>, 'addRelativeTo'> },
  send: () => Promise<unknown>,
): Promise<HttpRequest> {
  let prepared: HttpRequest | undefined;
  const keep: FinalizeRequestMiddleware<Input, Output> =
    () =>
    ({ request }) => {
      prepared = request as HttpRequest;
      return Promise.resolve({ response: undefined, output: { $metadata: {} } as Output });
    };
  command.middlewareStack.addRelativeTo(keep, {
    name: 'keepRequest',
    relation: 'before',
    toMiddleware: 'httpSigningMiddleware',
  });
  await send();
  if (!prepared) throw new Error('the AWS client prepared no request');
  const { 'amz-sdk-invocation-id': _id, 'amz-sdk-request': _attempt, ...headers } = prepared.headers;
  return { ...prepared, headers };
}

/** @returns whether our clock turned out to be wrong, and is corrected from now on */
function learnClock({ headers }: HttpResponse, config: { systemClockOffset: number }): boolean {
  const theirs = Date.parse(headers.date ?? '');
  if (Number.isNaN(theirs) || Math.abs(theirs - Date.now() - config.systemClockOffset) < CLOCK_SKEW_MS) return false;
  config.systemClockOffset = theirs - Date.now();
  return true;
}

/** `{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"…"}` */
function toError(status: number, text: string): AwsError {
  const { __type, message, Message } = parseProblem(text);
  const code = /[^#]+$/.exec(__type ?? '')?.[0] ?? `Http${status}`;
  return new AwsError(code, message ?? Message ?? `HTTP ${status}: ${text.slice(0, 200)}`, status);
}

function parseProblem(text: string): { __type?: string; message?: string; Message?: string } {
  try {
    return JSON.parse(text) as { __type?: string };
  } catch {
    return {}; // a proxy's page
  }
}
