// Prints what an event costs: npm run bench
// It measures and never fails; the targets are the project's own.
import { resolve } from 'node:path';
import { benchConsumer } from './functions/consumer.ts';
import { benchBundles } from './functions/bundles.ts';
import { benchIngest } from './functions/ingest.ts';
import { benchVisitors } from './functions/visitors.ts';
import { startBenchServers, type BenchServers } from './servers.ts';
import { formatTable, type Row } from './functions/table.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
process.env.LOG_LEVEL ??= 'ERROR';

const parts: Record<string, (servers: BenchServers) => Promise<Row[]>> = {
  ingest: benchIngest,
  consumer: benchConsumer,
  visitors: benchVisitors,
  bundles: benchBundles,
};

void main();

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const chosen = Object.entries(parts).filter(([name]) => asked.length === 0 || asked.includes(name));
  const servers = await startBenchServers(resolve());
  const rows: Row[] = [];
  try {
    for (const [name, bench] of chosen) {
      process.stderr.write(`measuring ${name}…\n`);
      rows.push(...(await bench(servers)));
    }
  } finally {
    await servers.stop();
  }
  console.log(`\n${formatTable(rows)}\n`);
  process.exit(0); // the functions keep their connections open
}
