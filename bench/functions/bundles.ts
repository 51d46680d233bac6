import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build, type BuildOptions, type Plugin } from 'esbuild';
import { parse } from 'yaml';
import { nextRecords } from '../events.ts';
import { httpEvent, streamEvent } from './lambda-events.ts';
import { median } from './measure.ts';
import type { BenchServers } from '../servers.ts';
import type { Row } from './table.ts';

const PAGE_PLUGIN = 'dashboard/esbuild-plugin.cjs'; // as serverless.yml names it
const STARTS = 7;
const KILOBYTE = 1_024;

const firstEvents = {
  ingest: () => httpEvent({ path: '/track', query: 'experiment=e&variant=v&event=participate&uuid=1' }),
  consumer: () => streamEvent('shardId-000000000000', nextRecords(1_000, false)),
  report: () => httpEvent({ path: '/experiments', headers: { 'x-api-key': 'bench' } }),
};

/** The size of each function's bundle, and how long a new process takes until it has answered. */
export async function benchBundles({ redisUrl, awsEndpoint, folder }: BenchServers): Promise<Row[]> {
  const environment = {
    ...process.env,
    STREAM_NAME: 'bench',
    CLAIMS_TABLE: 'claims',
    STATE_TABLE: 'state',
    REDIS_URL: redisUrl,
    REDIS_PREFIX: '{bundles}',
    KINESIS_ENDPOINT: awsEndpoint,
    DYNAMODB_ENDPOINT: awsEndpoint,
    POWERTOOLS_METRICS_DISABLED: 'true', // they would stand beside the answer
  };
  const options = readBuildOptions();
  const rows: Row[] = [];
  for (const [name, firstEvent] of Object.entries(firstEvents)) {
    const bundle = join(folder, `${name}.cjs`);
    const event = join(folder, `${name}.json`);
    await build({ ...options, entryPoints: [`functions/${name}/handler.ts`], outfile: bundle, logLevel: 'warning' });
    const code = readFileSync(bundle);

    const starts: ColdStart[] = [];
    for (let start = 0; start < STARTS; start += 1) {
      writeFileSync(event, JSON.stringify(firstEvent()));
      starts.push(await startCold(bundle, event, environment));
    }
    rows.push(
      { what: `${name}: bundle, minified`, value: code.byteLength / KILOBYTE, unit: 'KB' },
      { what: '  gzip', value: gzipSync(code, { level: 9 }).byteLength / KILOBYTE, unit: 'KB', target: 400 },
      { what: '  first answer of a cold process', value: median(starts.map(({ ms }) => ms)), unit: 'ms' },
      { what: '  its CPU', value: median(starts.map(({ cpuMicros }) => cpuMicros)) / 1_000, unit: 'ms' },
      {
        what: '  its largest memory',
        value: median(starts.map(({ peakKilobytes }) => peakKilobytes)) / KILOBYTE,
        unit: 'MB',
      },
    );
  }
  return rows;
}

/** What serverless.yml tells esbuild, without what is for its plugin alone. */
function readBuildOptions(): BuildOptions {
  const yaml = parse(readFileSync('serverless.yml', 'utf8'), { logLevel: 'silent' }) as { custom: { esbuild: object } };
  const options = Object.entries(yaml.custom.esbuild).filter(([name]) => !FOR_THE_PLUGIN.includes(name));
  const require = createRequire(resolve('package.json'));
  return { ...Object.fromEntries(options), plugins: require(resolve(PAGE_PLUGIN)) as Plugin[] };
}

const FOR_THE_PLUGIN = ['plugins', 'exclude', 'outputFileExtension'];

interface ColdStart {
  /** From the start of the process until its answer is here, Node's own start included. */
  ms: number;
  cpuMicros: number;
  peakKilobytes: number;
}

function startCold(bundle: string, event: string, env: NodeJS.ProcessEnv): Promise<ColdStart> {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, ['bench/functions/cold-start.cjs', bundle, event], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (text: Buffer) => (said += text.toString()));
    child.stdout.once('data', () => {
      const ms = performance.now() - began;
      child.once('exit', () => {
        if (isGood(said)) resolve({ ...(JSON.parse(said) as Omit<ColdStart, 'ms'>), ms });
        else reject(new Error(`${bundle} answered ${said}`));
      });
    });
    child.once('error', reject);
  });
}

function isGood(said: string): boolean {
  return said.includes('"statusCode":200') || said.includes('"batchItemFailures":[]');
}
