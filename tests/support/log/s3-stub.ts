import { hash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that answers the four requests of the event log as S3 does. */
export interface S3Stub {
  endpoint: string;
  objects: Map<string, Buffer>;
  /** What the next conditional writes answer, in place of what they should. */
  conflicts: number;
  /** `s3:PutObject` and the like: what was asked for since the last time that was asked. */
  take: () => string[];
  close: () => void;
}

export async function startS3Stub(pageSize = 1_000): Promise<S3Stub> {
  let asked: string[] = [];
  const stub: S3Stub = {
    endpoint: '',
    objects: new Map(),
    conflicts: 0,
    take() {
      const taken = asked;
      asked = [];
      return taken;
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      asked.push(actionOf(request));
      const { status, text, tag } = answer(stub, request, body, pageSize);
      response.writeHead(status, { 'content-type': 'application/xml', ...(tag && { etag: tag }) }).end(text);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stub.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}

function actionOf({ method, url = '' }: IncomingMessage): string {
  if (method === 'PUT') return 's3:PutObject';
  return url.includes('list-type=') ? 's3:ListBucket' : 's3:GetObject';
}

function answer(
  stub: S3Stub,
  { method, url = '', headers }: IncomingMessage,
  body: Buffer,
  pageSize: number,
): { status: number; text: string | Buffer; tag?: string } {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const [, , ...parts] = pathname.split('/').map(decodeURIComponent);
  const key = parts.join('/');
  if (method === 'GET' && key === '') return { status: 200, text: listObjects(stub, searchParams, pageSize) };
  if (method === 'GET') {
    const found = stub.objects.get(key);
    return found
      ? { status: 200, text: found, tag: tagOf(found) }
      : { status: 404, text: '<Error><Code>NoSuchKey</Code></Error>' };
  }
  if (headers['if-none-match'] === '*') {
    if (stub.conflicts > 0) {
      stub.conflicts -= 1;
      return { status: 409, text: '<Error><Code>ConditionalRequestConflict</Code></Error>' };
    }
    if (stub.objects.has(key)) return { status: 412, text: '<Error><Code>PreconditionFailed</Code></Error>' };
  }
  const present = stub.objects.get(key);
  const [expected, found] = [headers['if-match'], present && tagOf(present)];
  if (expected !== undefined && expected !== found) {
    return { status: 412, text: '<Error><Code>PreconditionFailed</Code></Error>' };
  }
  stub.objects.set(key, body);
  return { status: 200, text: '' };
}

function tagOf(bytes: Buffer): string {
  return `"${hash('md5', bytes, 'hex')}"`;
}

function listObjects({ objects }: S3Stub, query: URLSearchParams, pageSize: number): string {
  const after = query.get('continuation-token') ?? '';
  const keys = [...objects.keys()].filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after).sort();
  const page = keys.slice(0, pageSize);
  const contents = page.map(
    (key) => `<Contents><Key>${key}</Key><Size>${objects.get(key)?.length ?? 0}</Size></Contents>`,
  );
  const isTruncated = keys.length > page.length;
  const next = isTruncated ? `<NextContinuationToken>${page.at(-1) ?? ''}</NextContinuationToken>` : '';
  return `<ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
