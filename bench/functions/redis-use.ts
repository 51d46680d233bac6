import type { Redis } from 'ioredis';

/** What a Redis server had to do. */
export interface RedisUse {
  /** Commands that came over the wire. */
  sent: number;
  /** Commands that scripts ran. */
  inScripts: number;
  /** CPU of the server, µs. */
  cpuMicros: number;
  /** Connections that were made. */
  connections: number;
}

interface Totals {
  commands: number;
  cpuMicros: number;
  connections: number;
}

/**
 * Runs something that uses `watched`, and answers what the server had to do for it.
 * @param observer another connection, on which the server is asked: nobody else may use that server meanwhile
 */
export async function watchRedis<T>(observer: Redis, watched: Redis, run: () => Promise<T>): Promise<[T, RedisUse]> {
  let sent = 0;
  const send = watched.sendCommand.bind(watched);
  watched.sendCommand = (...command) => {
    sent += 1;
    return send(...command);
  };
  const before = await readTotals(observer);
  const result = await run();
  const after = await readTotals(observer);
  const executed = after.commands - before.commands;
  return [
    result,
    {
      sent,
      inScripts: executed - sent,
      cpuMicros: after.cpuMicros - before.cpuMicros,
      connections: after.connections - before.connections,
    },
  ];
}

async function readTotals(observer: Redis): Promise<Totals> {
  const [cpu, stats, commands] = [
    await observer.info('cpu'),
    await observer.info('stats'),
    await observer.info('commandstats'),
  ];
  const number = (text: string, name: string) => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(text)?.[1]);
  const calls = [...commands.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].filter(([, name]) => name !== 'info');
  return {
    commands: calls.reduce((sum, [, , count]) => sum + Number(count), 0),
    cpuMicros: 1e6 * (number(cpu, 'used_cpu_user') + number(cpu, 'used_cpu_sys')),
    connections: number(stats, 'total_connections_received'),
  };
}
