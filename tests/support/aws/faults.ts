import { Readable } from 'node:stream';
import type { PutRecordsCommandInput, PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';

/** What can go wrong with one request: before its effect, or after it. */
export type Fault = 'throttled' | 'reset before' | 'reset after' | 'timeout before' | 'timeout after';

interface Request {
  headers: Record<string, string>;
  body: string;
}

interface Response {
  statusCode: number;
  headers: Record<string, string>;
  body: unknown;
}

type Handle = (request: Request, options: object) => Promise<{ response: Response }>;

/** An SDK client, as far as faults need it: all that it sends goes through its request handler. */
interface Client {
  config: { requestHandler: { handle: Handle }; streamCollector: (body: unknown) => Promise<Uint8Array> };
}

/**
 * Lets requests of one operation fail.
 * @param faultOf asked before each request, with its number from 0 on; undefined lets it through
 */
export function injectFaults(
  client: unknown,
  operation: string,
  faultOf: (call: number) => Fault | undefined,
): { calls: () => number } {
  let calls = 0;
  intercept(client, operation, async (next, request) => {
    const fault = faultOf(calls);
    calls += 1;
    if (fault === undefined) return next(request);
    if (fault.endsWith('after')) await next(request);
    if (fault === 'throttled') return answer(400, { __type: 'ProvisionedThroughputExceededException' });
    throw errorOf(fault);
  });
  return { calls: () => calls };
}

/**
 * Lets the stream refuse some records of PutRecords requests, and take the others.
 * @param refuses asked for each record, with the request's number and its place in the request
 */
export function refuseRecords(
  client: unknown,
  refuses: (call: number, index: number) => boolean,
): { sizes: () => readonly number[] } {
  const sizes: number[] = [];
  intercept(client, 'PutRecords', async (next, request) => {
    const input = JSON.parse(request.body) as PutRecordsCommandInput;
    const records = input.Records ?? [];
    const number = sizes.push(records.length) - 1;
    const refused = records.map((_, index) => refuses(number, index));
    const taken = records.filter((_, index) => !refused[index]);
    const results = taken.length === 0 ? [] : await put(client as Client, next, request, { ...input, Records: taken });
    return answer(200, {
      FailedRecordCount: records.length - taken.length,
      Records: refused.map((isRefused) =>
        isRefused
          ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' }
          : results.shift(),
      ),
    });
  });
  return { sizes: () => sizes };
}

type Next = (request: Request) => Promise<{ response: Response }>;

async function put({ config }: Client, next: Next, request: Request, input: PutRecordsCommandInput) {
  const body = JSON.stringify(input);
  const headers = { ...request.headers, 'content-length': String(Buffer.byteLength(body)) };
  const { response } = await next({ ...request, headers, body });
  const text = Buffer.from(await config.streamCollector(response.body)).toString();
  return (JSON.parse(text) as PutRecordsCommandOutput).Records ?? [];
}

function intercept(
  client: unknown,
  operation: string,
  run: (next: Next, request: Request) => Promise<{ response: Response }>,
): void {
  const { requestHandler } = (client as Client).config;
  const handle = requestHandler.handle.bind(requestHandler);
  requestHandler.handle = (request, options) => {
    const next = (changed: Request) => handle(changed, options);
    return request.headers['x-amz-target']?.endsWith(`.${operation}`) ? run(next, request) : next(request);
  };
}

function answer(statusCode: number, body: object): { response: Response } {
  return { response: { statusCode, headers: {}, body: Readable.from([Buffer.from(JSON.stringify(body))]) } };
}

function errorOf(fault: Fault): Error {
  return Object.assign(new Error(fault), { name: fault.startsWith('reset') ? 'ECONNRESET' : 'TimeoutError' });
}
