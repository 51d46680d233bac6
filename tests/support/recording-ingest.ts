// A backend for the SDK's tests: it takes events as the real ingest does, and counts them as the real consumer does.
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TrackedEvent } from '../../sdk/src/tracker/tracked-event.ts';

export interface CounterName {
  readonly namespace: string;
  readonly experiment: string;
  readonly variant: string;
  readonly event: string;
}

export interface VisitorMetrics {
  /** Units that were exposed. */
  readonly exposed: number;
  /** Units that reached the goal after their exposure. */
  readonly converted: number;
  /** The goal's worth, over all of these. */
  readonly sum: number;
}

/** What the tests need to know of a backend; anything that counts can stand in. */
export interface CountingBackend {
  /** Where the SDK sends to. */
  readonly endpoint: string;
  /** How many different events of this name have arrived. */
  count(name: CounterName): Promise<number>;
  /** The per-visitor figures of a goal. */
  visitors(name: CounterName): Promise<VisitorMetrics>;
  close(): Promise<void>;
}

export interface RecordingIngest extends CountingBackend {
  /** The different events in the order of their first arrival. */
  readonly events: readonly TrackedEvent[];
  /** How many events have arrived, repeats included. */
  arrivals(): number;
}

interface Rejection {
  readonly index: number;
  readonly code: string;
  readonly message: string;
}

const headers = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'Retry-After',
  'content-type': 'application/json',
};

const answer = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, headers).end(JSON.stringify(body));
};

const isName = (value: unknown): boolean => typeof value === 'string' && value.length >= 1 && value.length <= 256;

const judge = (event: Partial<TrackedEvent>, index: number): Rejection[] => {
  const missing = (['experiment', 'variant', 'event', 'uuid'] as const).filter((name) => !isName(event[name]));
  if (event.unit !== undefined && !isName(event.unit)) missing.push('uuid');
  return missing.slice(0, 1).map((name) => ({ index, code: 'bad_field', message: `${name} has 1 to 256 characters` }));
};

const parse = (body: string): TrackedEvent[] | undefined => {
  try {
    const parsed = JSON.parse(body) as { events?: TrackedEvent[] } | TrackedEvent[];
    return Array.isArray(parsed) ? parsed : parsed.events;
  } catch {
    return undefined;
  }
};

const identityOf = ({ namespace, experiment, variant, event, uuid }: TrackedEvent): string =>
  JSON.stringify([namespace, experiment, variant, event, uuid]);

const isNamed = (event: TrackedEvent, name: CounterName): boolean =>
  event.namespace === name.namespace &&
  event.experiment === name.experiment &&
  event.variant === name.variant &&
  event.event === name.event;

/** Folds the events in the order of their arrival: a goal counts for a unit that has been exposed before. */
const measure = (events: readonly TrackedEvent[], name: CounterName): VisitorMetrics => {
  const exposed = new Set<string>();
  const converted = new Set<string>();
  let sum = 0;

  for (const event of events) {
    if (event.unit === undefined) continue;
    if (isNamed(event, { ...name, event: 'participate' })) exposed.add(event.unit);
    if (!isNamed(event, name) || !exposed.has(event.unit)) continue;
    converted.add(event.unit);
    sum += event.value ?? 0;
  }
  return { exposed: exposed.size, converted: converted.size, sum };
};

/** Starts a backend on a port of the system's choice. */
export const startRecordingIngest = async (): Promise<RecordingIngest> => {
  const counted = new Map<string, TrackedEvent>();
  let arrived = 0;

  const take = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    if (request.method !== 'POST' || request.url !== '/events') {
      answer(response, 404, {});
      return;
    }
    if (!/^(text\/plain|application\/json)/.test(request.headers['content-type'] ?? '')) {
      answer(response, 415, {});
      return;
    }
    if (Buffer.byteLength(body) > 256 * 1024) {
      answer(response, 413, {});
      return;
    }

    const events = parse(body);
    if (!events || events.length > 500) {
      answer(response, 400, {});
      return;
    }

    const rejected = events.flatMap(judge);
    const refused = new Set(rejected.map(({ index }) => index));
    const accepted = events.filter((_, index) => !refused.has(index));
    arrived += accepted.length;
    for (const event of accepted) {
      if (!counted.has(identityOf(event))) counted.set(identityOf(event), event);
    }
    answer(response, accepted.length > 0 ? 200 : 400, { accepted: accepted.length, rejected });
  };

  const server = createServer((request, response) => void take(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get events() {
      return [...counted.values()];
    },
    arrivals: () => arrived,
    count: (name) => Promise.resolve([...counted.values()].filter((event) => isNamed(event, name)).length),
    visitors: (name) => Promise.resolve(measure([...counted.values()], name)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
