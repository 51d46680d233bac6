// Serves an example's page with the scripts that it needs: node examples/serve.mjs alephbet|sdk [PORT]
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const examples = ['alephbet', 'sdk'];
const [name = '', port = '8080'] = process.argv.slice(2);
if (!examples.includes(name)) {
  console.error(`Expected one of ${examples.join(', ')}, got ${JSON.stringify(name)}.`);
  process.exit(2);
}

const bundleSdk = () =>
  buildSync({ entryPoints: [at('../sdk/src/browser.ts')], bundle: true, format: 'esm', write: false }).outputFiles[0]
    .contents;
const files = {
  '/': ['text/html; charset=utf-8', readFileSync(at(`${name}/index.html`))],
  '/alephbet.min.js': ['text/javascript', readFileSync(at('../node_modules/alephbet/dist/alephbet.min.js'))],
  '/favicon.ico': ['image/x-icon', ''], // browsers ask, and would complain
  '/mem.min.js': ['text/javascript', bundleSdk()],
};

const server = createServer(({ url }, response) => {
  const [type, content] = files[new URL(url, 'http://localhost').pathname] ?? [];
  if (content === undefined) response.writeHead(404).end();
  else response.writeHead(200, { 'content-type': type }).end(content);
});
server.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
