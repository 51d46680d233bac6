import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChildServer } from '../local/child-server.ts';
import { findFreePorts } from '../local/free-ports.ts';
import { findSystemProgram } from '../local/system-program.ts';

export interface BenchServers {
  redisUrl: string;
  /** Stands for Kinesis and for DynamoDB. */
  awsEndpoint: string;
  /** A folder that goes with them. */
  folder: string;
  stop: () => Promise<void>;
}

/** A real Redis, and a stub for AWS, in processes of their own: their CPU is not ours. */
export async function startBenchServers(root: string): Promise<BenchServers> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-bench-'));
  const say = (line: string) => process.stderr.write(`${line}\n`);
  const program = findSystemProgram('redis', say);
  const [port = 0] = await findFreePorts(1);
  const redis = await startChildServer({
    root,
    name: 'redis',
    port,
    folder: join(folder, 'redis'),
    args: [program],
    say,
  });

  const stub = spawn(process.execPath, [join(root, 'bench/aws-stub.cjs')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const stubPort = await new Promise<string>((resolve, reject) => {
    stub.stdout.once('data', (text: Buffer) => resolve(text.toString().trim()));
    stub.once('error', reject);
  });
  return {
    redisUrl: `redis://127.0.0.1:${port}`,
    awsEndpoint: `http://127.0.0.1:${stubPort}`,
    folder,
    async stop() {
      stub.stdin.end();
      await redis.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
