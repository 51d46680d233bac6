// Stands before any backend, and fails as networks and backends do.
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TrackedEvent } from '../../../sdk/src/tracker/outbox.ts';

export interface FaultyEndpoint {
  /** Where the SDK sends to. */
  readonly endpoint: string;
  /** When each request came, in milliseconds, and with how many bytes. */
  readonly requests: readonly { readonly atMs: number; readonly bytes: number }[];
  /** The events to which the backend has said 200, in their order, repeats included. */
  readonly taken: readonly TrackedEvent[];
  /** From now on nobody answers the port. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  /** The next so many requests are answered with this status and do not reach the backend. */
  refuseNext(times: number, status: number, headers?: Readonly<Record<string, string>>): void;
  /** The next so many requests reach the backend, but its answers are lost. */
  loseNextAnswers(times: number): void;
  close(): Promise<void>;
}

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));

const stop = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** Starts a faulty endpoint before a backend, on a port of the system's choice. */
export const startFaultyEndpoint = async (backend: string): Promise<FaultyEndpoint> => {
  const requests: { atMs: number; bytes: number }[] = [];
  const taken: TrackedEvent[] = [];
  let refusals: { status: number; headers: Readonly<Record<string, string>> }[] = [];
  let answersToLose = 0;

  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    requests.push({ atMs: Date.now(), bytes: Buffer.byteLength(body) });

    const [refusal, ...later] = refusals;
    refusals = later;
    if (refusal) {
      const cors = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'Retry-After' };
      response.writeHead(refusal.status, { ...cors, ...refusal.headers }).end('{}');
      return;
    }

    const answer = await fetch(`${backend}${request.url ?? ''}`, {
      method: request.method ?? 'GET',
      headers: { 'content-type': request.headers['content-type'] ?? '' },
      ...(request.method === 'POST' && { body }),
    });
    const answered = await answer.text();
    if (answer.status === 200 && body !== '') taken.push(...(JSON.parse(body) as { events: TrackedEvent[] }).events);
    if (answersToLose > 0) {
      answersToLose--;
      request.socket.destroy();
      return;
    }
    const passedOn = ['content-type', 'retry-after', 'access-control-allow-origin', 'access-control-expose-headers'];
    const headers = Object.fromEntries([...answer.headers].filter(([name]) => passedOn.includes(name)));
    response.writeHead(answer.status, headers).end(answered);
  };

  // Where the backend does not answer, neither does the faulty.
  const open = () =>
    createServer((request, response) => void pass(request, response).catch(() => request.socket.destroy()));
  let server = open();
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;

  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    taken,
    goDown: () => stop(server),
    comeUp: () => {
      server = open();
      return listen(server, port);
    },
    refuseNext: (times, status, headers = {}) => {
      refusals = Array.from({ length: times }, () => ({ status, headers }));
    },
    loseNextAnswers: (times) => {
      answersToLose = times;
    },
    close: () => (server.listening ? stop(server) : Promise.resolve()),
  };
};
