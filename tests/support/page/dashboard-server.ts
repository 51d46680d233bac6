import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import page from '../../../dashboard/page.html';
import { createPage } from '../../../functions/report/page.ts';
import { createRoutes } from '../../../functions/report/routes.ts';
import { emptyStores, fakeReportDeps, type FakeStores } from '../report/fake-report-stores.ts';

export interface DashboardServer {
  url: string;
  stores: FakeStores;
  close: () => Promise<void>;
}

/** The real page and the real routes, as the report function has them, over stores that a test fills as it likes. */
export async function startDashboard(): Promise<DashboardServer> {
  const stores = emptyStores();
  const servePage = createPage(page);
  const routes = createRoutes(fakeReportDeps(stores));

  const server = createServer((request, response) => {
    const answer = async () => {
      const { method = 'GET', url = '/', headers } = request;
      const file = servePage({
        method,
        path: url.replace(/\?.*/, ''),
        acceptEncoding: headers['accept-encoding']?.toString(),
      });
      if (file) {
        response.writeHead(file.statusCode ?? 200, file.headers as Record<string, string>);
        response.end(Buffer.from(file.body ?? '', file.isBase64Encoded ? 'base64' : 'utf8'));
        return;
      }
      const result = await routes.fetch(await toRequest(request, `http://report${url}`));
      response.writeHead(result.status, Object.fromEntries(result.headers));
      response.end(Buffer.from(await result.arrayBuffer()));
    };
    answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    stores,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function toRequest(request: IncomingMessage, url: string): Promise<Request> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const headers = Object.entries(request.headers).map(([name, value]): [string, string] => [name, String(value)]);
  const { method = 'GET' } = request;
  return new Request(url, { method, headers, body: chunks.length === 0 ? null : Buffer.concat(chunks) });
}
