// A real browser, and a site whose pages have the SDK.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { buildSync } from 'esbuild';

/** A module of the repository, or lines of code, as one script for a browser: a module, or one that fills a global. */
export const bundleForBrowser = (entry: string, globalName?: string): string => {
  const { outputFiles } = buildSync({
    ...(entry.includes('\n')
      ? { stdin: { contents: entry, resolveDir: resolve('.'), loader: 'ts' as const } }
      : { entryPoints: [resolve(entry)] }),
    bundle: true,
    write: false,
    target: 'es2022',
    logLevel: 'error',
    ...(globalName === undefined ? { format: 'esm' } : { format: 'iife', globalName }),
  });
  return outputFiles[0]?.text ?? '';
};

export interface Site {
  /** The address of the page, with settings as its query, on any host that leads here. */
  page(settings: Readonly<Record<string, string>>, host?: string): string;
  /** What the server puts into the page, from now on. */
  embed(element: string): void;
  close(): Promise<void>;
}

/** Serves the page with the SDK on a port of the system's choice. */
export const serveSite = async (): Promise<Site> => {
  const sdk = bundleForBrowser("export * from './sdk/src/browser.ts';\nexport * from './sdk/src/link.ts';");
  const page = readFileSync('tests/fixtures/sdk-page.html', 'utf8');
  let embedded = '';

  const server = createServer(({ url = '/' }, response) => {
    if (url === '/sdk.js') response.setHeader('content-type', 'text/javascript').end(sdk);
    else if (url.startsWith('/page')) {
      response.setHeader('content-type', 'text/html').end(page.replace('<!-- bootstrap -->', () => embedded));
    } else response.writeHead(404).end();
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;

  return {
    page: (settings, host = '127.0.0.1') => `http://${host}:${port}/page?${new URLSearchParams(settings).toString()}`,
    embed: (element) => {
      embedded = element;
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
};
