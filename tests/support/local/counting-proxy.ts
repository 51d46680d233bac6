import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One call of an AWS service as it went over the wire: `PutRecords`, and its JSON. */
export interface AwsCall {
  operation: string;
  body: Record<string, unknown>;
}

export interface CountingProxy {
  endpoint: string;
  /** The calls since the last time that was asked. */
  take: () => AwsCall[];
  close: () => void;
}

/** Passes everything on to a local AWS endpoint, and keeps what was asked of it. */
export async function startCountingProxy(target: string): Promise<CountingProxy> {
  let calls: AwsCall[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const operation = String(incoming.headers['x-amz-target']).split('.').at(-1) ?? '';
      calls.push({ operation, body: JSON.parse(body.toString()) as Record<string, unknown> });
      const onward = request(
        target,
        { method: incoming.method, path: incoming.url, headers: incoming.headers },
        (answer) => {
          outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.on('error', () => outgoing.destroy());
      onward.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = calls;
      calls = [];
      return taken;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
