import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findSystemProgram } from '../../../local/system-program.ts';
import { startServers, type Servers } from '../../../local/servers.ts';

declare global {
  var memServers: { servers: Servers; folder: string } | undefined;
}

/**
 * Before all tests: one redis-server, one kinesalite and one dynalite. Each test has its own prefix, stream, tables. A
 * Chromium is found, too, or installed: two tests at a time could not do that.
 */
export default async function start(): Promise<void> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  process.env.POWERTOOLS_METRICS_DISABLED = 'true';
  process.env.LOG_LEVEL = 'SILENT';
  const folder = mkdtempSync(join(tmpdir(), 'mem-test-'));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  process.env.MEM_CHROMIUM = findSystemProgram('chromium', say);
  const servers = await startServers({ root: resolve(), folder, say });
  process.env.MEM_TEST_FOLDER = folder;
  process.env.MEM_TEST_REDIS_URL = servers.redisUrl;
  process.env.MEM_TEST_KINESIS_ENDPOINT = servers.kinesisEndpoint;
  process.env.MEM_TEST_DYNAMODB_ENDPOINT = servers.dynamodbEndpoint;
  globalThis.memServers = { servers, folder };
}
