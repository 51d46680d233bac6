import type { System } from '../system.ts';
import type { Tables } from '../connect.ts';
import type { Check } from './finding.ts';
import { checksOfRedis, readRedisInfo } from './redis.ts';

/** What can be looked at in a system of this machine. */
export function checksOfLocal({ settings }: System, connectTables: () => Tables): Check[] {
  return [
    ...checksOfRedis({ url: () => Promise.resolve(settings.REDIS_URL ?? ''), readInfo: readRedisInfo }),
    {
      name: 'tables',
      async look() {
        const tables = connectTables();
        try {
          const keys = await tables.apiKeys.list();
          return { status: 'ok', found: `${settings.STATE_TABLE ?? ''} answers; API keys: ${keys.length}` };
        } finally {
          tables.close();
        }
      },
    },
  ];
}
