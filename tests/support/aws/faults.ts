import type { PutRecordsCommandInput, PutRecordsCommandOutput } from '@aws-sdk/client-kinesis';

/** What can go wrong with one call: before its effect, or after it. */
export type Fault = 'throttled' | 'reset before' | 'reset after' | 'timeout before' | 'timeout after';

interface Call {
  input: object;
}

type Handler = (call: Call) => Promise<{ output: object; response: unknown }>;
type Middleware = (next: Handler, context: { commandName?: string }) => Handler;

/** An SDK client, as far as faults need it. */
interface Client {
  middlewareStack: { add: (middleware: Middleware, options: { step: 'initialize'; name: string }) => void };
}

/**
 * Lets calls of one command fail.
 * @param faultOf asked before each call, with its number from 0 on; undefined lets it through
 */
export function injectFaults(
  client: unknown,
  command: string,
  faultOf: (call: number) => Fault | undefined,
): { calls: () => number } {
  let calls = 0;
  intercept(client, command, async (next, call) => {
    const fault = faultOf(calls);
    calls += 1;
    if (fault === undefined) return next(call);
    if (fault.endsWith('after')) await next(call);
    throw errorOf(fault);
  });
  return { calls: () => calls };
}

/**
 * Lets the stream refuse some records of PutRecords calls, and take the others.
 * @param refuses asked for each record, with the call's number and its place in the call
 */
export function refuseRecords(
  client: unknown,
  refuses: (call: number, index: number) => boolean,
): { sizes: () => readonly number[] } {
  const sizes: number[] = [];
  intercept(client, 'PutRecordsCommand', async (next, call) => {
    const input = call.input as PutRecordsCommandInput;
    const records = input.Records ?? [];
    const number = sizes.push(records.length) - 1;
    const refused = records.map((_, index) => refuses(number, index));
    const taken = records.filter((_, index) => !refused[index]);
    const answer = taken.length === 0 ? undefined : await next({ ...call, input: { ...input, Records: taken } });
    const results = [...((answer?.output as PutRecordsCommandOutput | undefined)?.Records ?? [])];
    const output = {
      FailedRecordCount: records.length - taken.length,
      Records: refused.map((isRefused) =>
        isRefused
          ? { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' }
          : results.shift(),
      ),
      $metadata: {},
    };
    return { output, response: answer?.response };
  });
  return { sizes: () => sizes };
}

function intercept(client: unknown, command: string, run: (next: Handler, call: Call) => ReturnType<Handler>): void {
  (client as Client).middlewareStack.add(
    (next, { commandName }) =>
      (call) =>
        commandName === command ? run(next, call) : next(call),
    { step: 'initialize', name: `faults of ${command}` },
  );
}

function errorOf(fault: Fault): Error {
  const name =
    fault === 'throttled'
      ? 'ProvisionedThroughputExceededException'
      : fault.startsWith('reset')
        ? 'ECONNRESET'
        : 'TimeoutError';
  return Object.assign(new Error(fault), { name });
}
