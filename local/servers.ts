import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endOrphanedRedis, PORT_FILE } from './data/orphaned-redis.ts';
import { startChildServer } from './child-server.ts';
import { findFreePorts } from './free-ports.ts';
import { findSystemProgram } from './system-program.ts';

/** The servers that stand for AWS' and for Redis, where they are, and how to end them. */
export interface Servers {
  redisUrl: string;
  kinesisEndpoint: string;
  dynamodbEndpoint: string;
  stop: () => Promise<void>;
}

export interface ServersOptions {
  /** Where the project lies. */
  root: string;
  /** Where the servers keep their data. */
  folder: string;
  say: (line: string) => void;
}

/**
 * Starts redis-server, kinesalite and dynalite on free ports of 127.0.0.1.
 * @throws Error with one sentence, after ending what had started
 */
export async function startServers({ root, folder, say }: ServersOptions): Promise<Servers> {
  const program = findSystemProgram('redis', say);
  const redisFolder = join(folder, 'redis');
  mkdirSync(redisFolder, { recursive: true });
  await endOrphanedRedis(redisFolder, say);
  const ports = await findFreePorts(3);
  const [redisPort = 0, kinesisPort = 0, dynamodbPort = 0] = ports;
  writeFileSync(join(redisFolder, PORT_FILE), String(redisPort));
  const started = await Promise.allSettled([
    startChildServer({ root, name: 'redis', port: redisPort, folder: redisFolder, args: [program], say }),
    startChildServer({ root, name: 'kinesalite', port: kinesisPort, folder: join(folder, 'kinesis'), say }),
    startChildServer({ root, name: 'dynalite', port: dynamodbPort, folder: join(folder, 'dynamodb'), say }),
  ]);
  const servers = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const stop = async () => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const failure = started.find((result) => result.status === 'rejected');
  if (failure) {
    await stop();
    throw failure.reason;
  }
  return {
    redisUrl: `redis://127.0.0.1:${redisPort}`,
    kinesisEndpoint: `http://127.0.0.1:${kinesisPort}`,
    dynamodbEndpoint: `http://127.0.0.1:${dynamodbPort}`,
    stop,
  };
}
