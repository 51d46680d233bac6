import { execFile, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { launchChromium } from '../../support/page/chromium.ts';
import type { Backend } from '../../support/sdk/backend.ts';
import { startFaultyEndpoint } from '../../support/sdk/faulty-endpoint.ts';
import type { FaultyEndpoint } from '../../support/sdk/faulty-endpoint.ts';
import { waitUntil } from '../../support/wait-until.ts';

const run = promisify(execFile);
const entries = ['', '/browser', '/config', '/link', '/node', '/openfeature', '/sticky', '/testing'].map(
  (entry) => `mem-ab-sdk${entry}`,
);
const installed = (): string => join(project, 'node_modules/mem-ab-sdk');

let project: string;
let faulty: FaultyEndpoint;

/** The README's examples in a language. */
const examplesIn = (language: string): string[] => {
  const readme = readFileSync(join(installed(), 'README.md'), 'utf8');
  return [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].flatMap(([, found, code = '']) =>
    found === language ? [code] : [],
  );
};

const write = (name: string, text: string): string => {
  const file = join(project, name);
  writeFileSync(file, text);
  return file;
};

const environment = () => ({ ...process.env, MEM_ENDPOINT: faulty.endpoint, PORT: '0' });
const runNode = (...args: string[]) => run(process.execPath, args, { cwd: project, env: environment() });

export const describePackage = (backend: Backend): void =>
  describe('mem-ab-sdk, packed and installed', () => {
    beforeAll(async () => {
      faulty = await startFaultyEndpoint(backend.endpoint);
      project = mkdtempSync(join(tmpdir(), 'mem-sdk-'));
      const { stdout } = await run('npm', ['pack', resolve('sdk'), '--json', '--pack-destination', project]);
      const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
      write('package.json', '{"private":true}');
      await run('npm', ['install', '--offline', '--no-audit', '--no-fund', `./${filename}`], { cwd: project });

      // What the examples use beside the SDK.
      mkdirSync(join(project, 'node_modules/@openfeature'));
      for (const name of ['express', 'expect', '@openfeature/server-sdk']) {
        symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name));
      }
    }, 120_000);
    afterAll(async () => {
      await faulty.close();
      rmSync(project, { recursive: true, force: true });
    });

    describe('the package', () => {
      test('brings no dependency, and nothing but what it needs', () => {
        const { dependencies } = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8')) as {
          dependencies?: object;
        };

        expect(dependencies).toBeUndefined();
        const folders = ['browser', 'config', 'dist', 'link', 'node', 'openfeature', 'sticky', 'testing'];
        expect(readdirSync(installed()).sort()).toEqual(['LICENSE', 'README.md', ...folders, 'package.json'].sort());
      });

      test.each(['mjs', 'cjs'])('remembers variants in a store of a server (%s)', async (ending) => {
        const names = '{ createExperiments, createMemoryStore, defineExperiment }';
        const load = ending === 'mjs' ? `await import('mem-ab-sdk/node')` : `require('mem-ab-sdk/node')`;
        const script = `(async () => {
          const ${names} = ${load};
          const settings = { endpoint: process.env.MEM_ENDPOINT, stickyStore: createMemoryStore(), onError: console.error };
          const experiments = createExperiments(settings);
          const size = defineExperiment({ name: 'size', variants: { control: () => 1, large: () => 2 } });
          const decide = async (context, options) => (await experiments.for(size, context, options).assign()).reason;
          const [first, again] = [await decide({ userId: 'a' }), await decide({ userId: 'a' })];
          console.log(first, again, await decide({ userId: 'b' }, { migratedFrom: { userId: 'a' } }));
        })();`;
        const { stdout, stderr } = await runNode(write(`remember.${ending}`, script));
        expect([stdout.trim(), stderr]).toEqual(['split cached cached', '']);
      });

      test('can be imported and required, with the same exports', async () => {
        const namesOf = "(one) => Object.keys(one).filter((name) => name !== 'default').sort()";
        const list = `(all) => console.log(JSON.stringify(all.map(${namesOf})))`;
        const imports = entries.map((entry) => `import('${entry}')`).join();
        const requires = entries.map((entry) => `require('${entry}')`).join();
        const [imported, required] = await Promise.all([
          runNode(write('all.mjs', `Promise.all([${imports}]).then(${list});`)),
          runNode(write('all.cjs', `(${list})([${requires}]);`)),
        ]);

        expect(required.stdout).toBe(imported.stdout);
        expect((JSON.parse(imported.stdout) as string[][]).map((names) => names.length > 0)).toEqual(
          entries.map(() => true),
        );
      });

      test('has types for importing and for requiring, which infer and refuse what they should', async () => {
        const types = readFileSync('tests/types/sdk-types.ts', 'utf8').replaceAll(
          '../../sdk/src/node.ts',
          'mem-ab-sdk/node',
        );
        // OpenFeature's own declarations need more than a page's: its entry is checked with the sources.
        const checked = entries.filter((entry) => !entry.endsWith('openfeature'));
        const imports = checked.map((entry, i) => `import * as entry${i} from '${entry}'; void entry${i};`).join('\n');
        const files = ['types.mts', 'types.cts', 'entries.mts', 'entries.cts'];
        files.forEach((file) => write(file, file.startsWith('types') ? types : imports));
        const strictness = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
        const target = { module: 'nodenext', target: 'es2022', lib: ['es2022', 'dom'], types: [], noEmit: true };
        // Not skipLibCheck, which would hide declarations of ours that do not resolve.
        const compilerOptions = { ...strictness, ...target, skipDefaultLibCheck: true };
        write('tsconfig.json', JSON.stringify({ compilerOptions, files }));

        const compile = runNode(resolve('node_modules/typescript/bin/tsc'), '--project', project);
        const complaints = await compile.catch((error: unknown) => error as { stdout: string });
        expect(complaints.stdout).toBe('');
      });
    });

    describe("the browser's entry, on a server that renders pages", () => {
      const renderWith = async (body: string): Promise<unknown> => {
        const file = write(
          'render.mjs',
          `import { createExperiments, defineExperiment, percent, readBootstrap, visitorId } from 'mem-ab-sdk/browser';
          import { linkWithVisitor, takeVisitorFromLink } from 'mem-ab-sdk/link';
          const errors = [];
          const onError = (error) => errors.push(String(error));
          const colors = defineExperiment({
            name: 'colors',
            variants: { control: () => 'old', red: () => 'new' },
            rollout: percent({ control: 0, red: 100 }),
          });
          const create = (options) => createExperiments({ endpoint: '/hello', bootstrap: readBootstrap(), onError, ...options });
          const seen = [];
          ${body}
          console.log(JSON.stringify([...seen, ...errors]));`,
        );
        const { stdout } = await runNode(file);
        return JSON.parse(stdout);
      };

      test('shows the control to a visitor whom nobody knows yet, without an error', async () => {
        const seen = await renderWith(`
          const { for: visit, setConsent } = create();
          takeVisitorFromLink();
          setConsent('granted');
          seen.push(visitorId(), linkWithVisitor('/next'), await visit(colors, { userId: visitorId() }).run());`);

        expect(seen).toEqual(['', '/next', 'old']);
      });

      test('assigns whom it is told, and keeps the events in memory', async () => {
        const seen = await renderWith(`
          const { for: visit, flush } = create({ consent: 'pending' });
          seen.push(await visit(colors, { userId: 7 }).run(), await flush());`);

        expect(seen).toEqual(['new', 1]);
      });

      test('does not let one visitor decide for another', async () => {
        const seen = await renderWith(`
          create({ consent: 'refused' });
          seen.push(await create({ consent: 'pending' }).for(colors, { userId: 7 }).run());`);

        expect(seen).toEqual(['new']);
      });
    });

    describe('the size', () => {
      const sizeOf = async (contents: string): Promise<number> => {
        const { outputFiles, metafile } = await build({
          stdin: { contents, resolveDir: project },
          bundle: true,
          minify: true,
          format: 'esm',
          target: 'es2022',
          write: false,
          metafile: true,
        });
        const inputs = Object.keys(metafile.inputs).filter((input) => input !== '<stdin>');
        expect(inputs.filter((input) => !input.includes('mem-ab-sdk'))).toEqual([]);
        return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
      };

      const published = (file: string): number =>
        gzipSync(readFileSync(join(installed(), 'dist', file)), { level: 9 }).length;

      test('of everything for a page is at most 7 KB gzip', () => {
        expect(published('mem.min.js')).toBeLessThanOrEqual(7 * 1024);
      });

      test('stays near that where esbuild gives all names anew, which are longer than ours', async () => {
        expect(await sizeOf("export * from 'mem-ab-sdk/browser'")).toBeLessThanOrEqual(7.5 * 1024);
      });

      test.each(entries.slice(0, 2))('of defineExperiment alone is at most 2.5 KB gzip, from %s', async (entry) => {
        expect(await sizeOf(`export { defineExperiment } from '${entry}'`)).toBeLessThanOrEqual(2.5 * 1024);
      });
    });

    describe("the README's examples", () => {
      const takenOf = (experiment: string) => faulty.taken.filter((event) => event.experiment === experiment);

      /** What the system has counted of an experiment that one visitor has seen: event -> how often. */
      const countsOf = async (experiment: string): Promise<Record<string, number>> => {
        await backend.settle();
        const counts = takenOf(experiment).map(async (event) => [event.event, await backend.count(event)] as const);
        return Object.fromEntries(await Promise.all(counts));
      };

      /** Starts an example that serves, answers what it said on `/`, and stops it. */
      const visitServer = async (file: string): Promise<Response> => {
        const child = spawn(process.execPath, [file], { cwd: project, env: environment() });
        let said = '';
        child.stdout.on('data', (text: Buffer) => (said += text.toString()));
        try {
          const portSaid = () => /listening on (\d+)/.exec(said)?.[1];
          await waitUntil('the server of the example listens', () => portSaid() !== undefined);
          return await fetch(`http://127.0.0.1:${portSaid() ?? ''}/`);
        } finally {
          child.kill();
        }
      };

      test('run in Node', async () => {
        const examples = examplesIn('js').filter((code) => !/listen\(|export /.test(code));
        const files = examples.map((code, i) => write(`example-${i}.mjs`, code));
        const outputs = await Promise.all(files.map((file) => runNode(file)));

        expect(outputs.map(({ stderr }) => stderr)).toEqual(files.map(() => ''));
        expect(files.length).toBeGreaterThanOrEqual(6);
        expect(await countsOf('size')).toEqual({ participate: 1, bought: 1 });
        expect(await countsOf('gitlab_experiment_subscription_cancellation')).toEqual({ participate: 1, clicked: 1 });
      });

      test('serve with Express', async () => {
        const [code = ''] = examplesIn('js').filter((example) => example.includes('listen('));
        const response = await visitServer(write('server.mjs', code));

        expect(await response.text()).toMatch(/^(one step|two steps)$/);
        expect(response.headers.getSetCookie()).toHaveLength(1);
      });

      test('answer as Fetch and Lambda want it', async () => {
        const [code = ''] = examplesIn('js').filter((example) => example.includes('export '));
        write('handlers.mjs', code);
        const call = write(
          'call.mjs',
          `import fetching, { handler } from './handlers.mjs';
          const answer = await fetching.fetch(new Request('http://localhost/'));
          const { body, cookies } = await handler({ headers: {} });
          const cookiesOfAnswer = answer.headers.getSetCookie();
          console.log(JSON.stringify([await answer.text(), cookiesOfAnswer.length, body, cookies.length]));`,
        );
        const { stdout } = await runNode(call);

        const greeting = expect.stringMatching(/^(Hello|How good to see you)$/) as unknown;
        expect(JSON.parse(stdout)).toEqual([greeting, 1, greeting, 1]);
      });

      test('work in a page', async () => {
        const [example = ''] = examplesIn('html');
        const page = example.replace('http://127.0.0.1:3000', faulty.endpoint);
        const script = readFileSync(join(installed(), 'dist/mem.min.js'), 'utf8');
        const server = createServer(({ url }, response) => {
          if (url === '/mem.min.js') response.setHeader('content-type', 'text/javascript').end(script);
          else response.setHeader('content-type', 'text/html').end(page);
        });
        await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
        const browser = await launchChromium();
        try {
          const tab = await browser.newPage();
          await tab.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
          await tab.waitForFunction("document.getElementById('offer').textContent");
          await tab.click('#offer');
          await waitUntil('both events have got their 200', () => takenOf('offer').length === 2);

          expect(await countsOf('offer')).toEqual({ participate: 1, clicked: 1 });
        } finally {
          await browser.close();
          server.close();
        }
      });
    });
  });
