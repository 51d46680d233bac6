import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  headers: string;
  body: string;
}

/**
 * Sends a request as it is, which no well-behaved client would, and reads what is answered until the server hangs up.
 * @param request each character is one byte
 */
export async function sendRaw(port: number, request: string, seconds = 20): Promise<RawAnswer> {
  const socket = connect(port, '127.0.0.1');
  try {
    socket.write(request, 'latin1');
    return await readAnswer(socket, seconds);
  } finally {
    socket.destroy();
  }
}

/** A request with these header lines, after which the server is to hang up. */
export function rawRequest(method: string, target: string, headers: readonly string[] = [], body = ''): string {
  const length = body === '' ? [] : [`content-length: ${body.length}`];
  return [`${method} ${target} HTTP/1.1`, 'host: 127.0.0.1', 'connection: close', ...length, ...headers, '', body].join(
    '\r\n',
  );
}

/** @throws Error where nothing is answered in so many seconds */
export async function readAnswer(socket: Socket, seconds: number): Promise<RawAnswer> {
  const parts: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    socket.setTimeout(seconds * 1_000, () => reject(new Error(`no answer in ${seconds} s`)));
    socket.on('data', (part) => parts.push(part));
    socket.on('close', () => resolve());
    socket.on('error', () => resolve()); // a server may hang up on a request that it does not want to read to its end
  });
  const text = Buffer.concat(parts).toString('utf8');
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return {
    status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0),
    headers: head.toLowerCase(),
    body: rest.join('\r\n\r\n'),
  };
}
