import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerInTime } from '../../shared/runtime/answer-in-time.ts';
import type { Invoke } from '../functions.ts';
import { answerJson, toAnswer, toEvent, type HttpAnswer } from './http-event.ts';
import { createRouter, type Route } from './routes.ts';

export interface GatewayOptions {
  port: number;
  routes: readonly Route[];
  functions: Record<string, Invoke>;
  /** Told in one line what a function did that it should not have. */
  warn: (line: string) => void;
}

export interface Gateway {
  /** Takes no more requests, and resolves when those under way are answered. */
  stop: () => Promise<void>;
}

// Quotas of an HTTP API, and of what Lambda takes and gives (looked up 2026-11).
const LARGEST_BODY = 10 * 1024 * 1024;
const LARGEST_PAYLOAD = 6 * 1024 * 1024;
const LONGEST_MS = 30_000;
/** A client that keeps its connections is not to meet one that we close in this moment. */
const KEEP_ALIVE_MS = 65_000;
const STOP_MS = 5_000;

/**
 * Listens on 127.0.0.1 in place of AWS' HTTP API: it finds the route, hands the request to its function as an event, and
 * sends what the function returned. Where nothing matches, or the function fails, it answers as an HTTP API does.
 */
export async function startGateway({ port, routes, functions, warn }: GatewayOptions): Promise<Gateway> {
  const findRoute = createRouter(routes);

  async function answer(incoming: IncomingMessage): Promise<HttpAnswer> {
    const [target = '', ...query] = (incoming.url ?? '').split('?');
    const path = decodePath(target);
    if (path === undefined) return answerJson(400, { message: 'Bad Request' });
    const method = incoming.method ?? 'GET';
    const route = findRoute(method, path);
    const invoke = route && functions[route.functionName];
    if (!invoke) return answerJson(404, { message: 'Not Found' });

    const body = await readBody(incoming);
    if (body === undefined) return answerJson(413, { message: 'Request Entity Too Large' });
    const { headers, socket } = incoming;
    const sourceIp = socket.remoteAddress ?? '127.0.0.1';
    return run(toEvent({ method, path, query: query.join('?'), headers, body, sourceIp }, route), invoke);
  }

  async function run(event: ReturnType<typeof toEvent>, invoke: Invoke): Promise<HttpAnswer> {
    if ((event.body?.length ?? 0) > LARGEST_PAYLOAD) return answerJson(413, { message: 'Request Entity Too Large' });
    try {
      const late = answerJson(503, { message: 'Service Unavailable' });
      const toSend = await answerInTime(invoke(event).then(toAnswer), LONGEST_MS, late);
      if (toSend.body.length <= LARGEST_PAYLOAD) return toSend;
      throw new Error(`an answer of ${toSend.body.length} bytes, of which Lambda gives ${LARGEST_PAYLOAD}`);
    } catch (error) {
      warn(`${event.routeKey} failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      return answerJson(500, { message: 'Internal Server Error' });
    }
  }

  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (incoming, outgoing) => {
    answer(incoming).then(
      (toSend) => send(toSend, outgoing),
      () => outgoing.destroy(), // whoever asked has gone
    );
  });
  await listen(server, port);
  return { stop: () => stop(server) };
}

/** Undefined where it is not what a path may be. */
function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}

/** Undefined where it is too large; the rest of it is read and forgotten, so that the answer is. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= LARGEST_BODY) chunks.push(chunk);
  }
  return bytes > LARGEST_BODY ? undefined : Buffer.concat(chunks);
}

function send({ status, headers, body }: HttpAnswer, outgoing: ServerResponse): void {
  const bytes = Buffer.from(body);
  const length = bytes.length > 0 ? { 'content-length': bytes.length } : {};
  outgoing.writeHead(status, { ...headers, ...length }).end(bytes);
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

async function stop(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await Promise.race([closed, sleep(STOP_MS, undefined, { ref: false })]);
  server.closeAllConnections();
  await closed;
}
