import { readFileSync } from 'node:fs';
import type { Redis } from 'ioredis';
import { addUp } from '../../../../shared/counting/add-up.ts';
import type { CountableEvent } from '../../../../shared/counting/decode.ts';

/** Counts as version 0.1.0 did, by its own script. */
export interface OldConsumer {
  /** @returns what the script answers: 'applied', 'held', … */
  apply: (shard: string, watermark: string, next: string, events: readonly CountableEvent[]) => Promise<string>;
}

/** @param generation the one that 0.1.0 serves */
export function createOldConsumer(redis: Redis, prefix: string, generation: string): OldConsumer {
  const script = readFileSync('tests/support/counting/layout-one/apply-batch.lua', 'utf8');
  const whole = (kind: string) => `${prefix}:${generation}:${kind}`;
  return {
    async apply(shard, watermark, next, events) {
      const keys = [`${prefix}:generation`, `${prefix}:hold`, whole('watermarks'), whole('experiments')];
      const keyOf = (kind: string) => keys.push(whole(kind));
      const { sums, visits, visitors } = addUp(events);
      const units = new Map(
        events.map(({ event: { namespace, unit } }) => [`${namespace}\0${unit ?? ''}`, unit ?? '']),
      );
      const byVisitor = new Map([...visitors.keys()].map((key, index) => [key, [...units.values()][index] ?? '']));
      const batch = [...sums].map(([name, { counts, segments, days, received, uniques }]) => ({
        name,
        keys: {
          counts: keyOf(`counts:${name}`),
          days: keyOf(`days:${name}`),
          activity: keyOf('activity'),
          units: keyOf(`units:${name}`),
          moments: keyOf(`moments:${name}`),
        },
        counts: [...counts, ...segments].flat(),
        days: [...days].flat(),
        received: [received.first, received.last],
        uniques: [...uniques].map(([pair, members]) => [keyOf(`uniques:${name}:${pair}`), ...members]),
        visits: visits
          .filter((visit) => visit.experiment !== undefined)
          .filter(({ experiment }) => experiment === name)
          .map(({ visitor, variant, goal, value, segments: of }) => [
            byVisitor.get(visitor) ?? '',
            variant,
            goal,
            value,
            ...of,
          ]),
      }));
      const marks = [shard, watermark, next, '[]', JSON.stringify(batch)];
      return (await redis.eval(script, keys.length, ...keys, generation, 'yes', ...marks)) as string;
    },
  };
}
