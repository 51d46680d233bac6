import { setTimeout as sleep } from 'node:timers/promises';
import { archive } from '../../shared/counting/log/archive.ts';
import { replay } from '../../shared/counting/replay.ts';
import { createCountEvents } from '../../shared/counting/visitors/count-events.ts';
import { readArchiveConfig } from '../../shared/runtime/config.ts';
import { connectArchive } from '../../shared/stores/connect-archive.ts';
import { createFolder } from '../../shared/stores/log/folder.ts';
import type { AllStores } from '../../shared/stores/connect.ts';
import type { Pipeline } from './pipeline.ts';

/** Rebuilding everything from one source, nothing else going on. */
export interface Rebuild {
  seconds: number;
  /** Of this process and of Redis, µs. */
  cpuMicros: number;
  redisMicros: number;
  differences: number;
  /** The most memory that this process had, bytes; another rebuild may have had it before. */
  peakBytes: number;
}

export interface Written {
  rows: number;
  bytes: number;
  cpuMicros: number;
}

/** Writes all that was counted into the event log of a pipeline. */
export async function writeLog({ environment }: Pipeline): Promise<Written> {
  const stores = await connectArchive(readArchiveConfig(environment), (what, reason) => console.error(what, reason));
  let rows = 0;
  const cpu = process.cpuUsage();
  await archive(
    {
      ...stores,
      maxRows: 100_000,
      inTurn: (shards) => shards,
      onFile: (_, count) => (rows += count),
      onBehind: () => undefined,
    },
    () => Infinity,
  );
  const { user, system } = process.cpuUsage(cpu);
  const sizes = await createFolder(environment.EVENT_LOG ?? '').list('events/');
  return { rows, bytes: [...sizes.values()].reduce((sum, size) => sum + size, 0), cpuMicros: user + system };
}

/** Counts everything again into a generation that is thrown away. */
export async function rebuild(stores: AllStores, fromStream: boolean): Promise<Rebuild> {
  const redisBefore = await redisMicros(stores);
  const cpu = process.cpuUsage();
  const began = Date.now();
  const { differences } = await replay(
    { dryRun: true, acceptLoss: false, fromStream },
    {
      ...stores,
      countEvents: createCountEvents(stores),
      onPage: () => undefined,
      say: () => undefined,
      sleep: (ms) => sleep(ms),
    },
  );
  const { user, system } = process.cpuUsage(cpu);
  return {
    seconds: (Date.now() - began) / 1_000,
    cpuMicros: user + system,
    redisMicros: (await redisMicros(stores)) - redisBefore,
    differences: differences.length,
    peakBytes: process.resourceUsage().maxRSS * 1_024,
  };
}

async function redisMicros({ redisInfo }: AllStores): Promise<number> {
  const info = await redisInfo();
  return 1e6 * ['used_cpu_user', 'used_cpu_sys'].reduce((sum, name) => sum + Number(info.get(name) ?? 0), 0);
}

/** The lines that stand beside each other. */
export function describeRebuilds(events: number, written: Written, rebuilds: Record<string, Rebuild>): string {
  const lines = Object.entries(rebuilds).map(([source, { seconds, cpuMicros, redisMicros: redis, differences }]) => {
    const per = (micros: number) => (micros / events).toFixed(1);
    return `  ${source.padEnd(28)} ${Math.round(events / seconds).toLocaleString('en')} events/s; ${per(cpuMicros + redis)} µs CPU an event (${per(cpuMicros)} here, ${per(redis)} in Redis), ${differences} counters differ`;
  });
  const peak = Math.max(...Object.values(rebuilds).map(({ peakBytes }) => peakBytes)) / 2 ** 20;
  return [
    `  event log                    ${written.rows} rows, ${(written.bytes / written.rows).toFixed(1)} bytes each, written with ${(written.cpuMicros / written.rows).toFixed(1)} µs CPU`,
    ...lines,
    `  most memory of this process  ${peak.toFixed(0)} MB, everything that was sent included`,
  ].join('\n');
}
