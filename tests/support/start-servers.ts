import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startServers, type Servers } from '../../local/servers.ts';

declare global {
  var memServers: { servers: Servers; folder: string } | undefined;
}

/** Before all tests: one redis-server, one kinesalite and one dynalite. Each test has its own prefix, stream, tables. */
export default async function start(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  process.env.LOG_LEVEL = 'SILENT';
  const folder = mkdtempSync(join(tmpdir(), 'mem-test-'));
  const servers = await startServers({ root: resolve(), folder, say: (line) => process.stderr.write(`${line}\n`) });
  process.env.MEM_TEST_REDIS_URL = servers.redisUrl;
  process.env.MEM_TEST_KINESIS_ENDPOINT = servers.kinesisEndpoint;
  process.env.MEM_TEST_DYNAMODB_ENDPOINT = servers.dynamodbEndpoint;
  globalThis.memServers = { servers, folder };
}
