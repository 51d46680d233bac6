import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Redis } from 'ioredis';
import { addUp, type AddedUp } from '../../../shared/counting/add-up.ts';
import { fold } from '../../../shared/counting/visitors/fold.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { parseExperimentId } from '../../../shared/contract/experiment-id.ts';
import {
  createDictionary,
  digestCode,
  EXPERIMENT_CODE_BYTES,
  NAME_CODE_BYTES,
  type CodeOf,
  type Dictionary,
} from '../../../shared/counting/visitors/codes.ts';
import { createRandom } from '../../chaos/schedules/random.ts';
import { cut, randomStream } from '../../support/counting/random-stream.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

const STREAMS = Number(process.env.MEM_STREAMS ?? 1_000);
const STREAMS_AT_ONCE = 50;

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

function added(events: readonly TrackedEvent[]): AddedUp {
  return addUp(
    events.map((event) => ({ event, incarnation: 0, claim: { id: new Uint8Array(), owner: '', at: 1e12 } })),
  );
}

/** What the fold adds to the moments, slice by slice, as the script adds it up: `experiment field` -> sums */
function foldSlices(slices: readonly TrackedEvent[][], codeOf: CodeOf): Map<string, number[]> {
  const records = new Map<string, Buffer>();
  const dictionaries = new Map<string, Dictionary>();
  const dictionaryOf = (of: string) => {
    const present = dictionaries.get(of);
    if (present) return present;
    const made = createDictionary([], parseExperimentId(of) ? NAME_CODE_BYTES : EXPERIMENT_CODE_BYTES, codeOf);
    dictionaries.set(of, made);
    return made;
  };
  const moments = new Map<string, number[]>();
  for (const slice of slices) {
    const folded = fold(records, added(slice).visits, dictionaryOf, () => false);
    expect(folded.unknown.size).toBe(0);
    for (const [key, content] of folded.records) records.set(key, content);
    for (const [id, deltas] of folded.deltas) {
      for (const [field, delta] of [...deltas.moments, ...deltas.segmentMoments]) {
        const before = moments.get(`${id} ${field}`) ?? [];
        moments.set(
          `${id} ${field}`,
          delta.map((sum, index) => (before[index] ?? 0) + sum),
        );
      }
    }
  }
  return moments;
}

/** The same by the script of version 0.1.0, which folded in Redis. */
function applyOld(redis: Redis, prefix: string, slices: readonly TrackedEvent[][], sha: string) {
  const pipeline = redis.pipeline();
  const ids = new Set<string>();
  pipeline.set(`${prefix}:generation`, 'g1');
  slices.forEach((slice, index) => {
    const keys = [`${prefix}:generation`, `${prefix}:hold`, `${prefix}:marks`, `${prefix}:experiments`];
    const byExperiment = new Map<string, unknown[]>();
    const named = added(slice).visits.filter((visit) => visit.experiment !== undefined);
    for (const { visitor, experiment, variant, goal, value, segments } of named) {
      ids.add(experiment);
      const visits = byExperiment.get(experiment) ?? [];
      byExperiment.set(experiment, visits);
      visits.push([Buffer.from(visitor, 'latin1').toString('hex'), variant, goal, value, ...segments]);
    }
    const batch = [...byExperiment].map(([name, visits]) => {
      const keyOf = (kind: string) => keys.push(`${prefix}:${kind}:${name}`);
      const named = { counts: keyOf('counts'), days: keyOf('days'), units: keyOf('units'), moments: keyOf('moments') };
      return { name, keys: named, counts: [], days: [], uniques: [], visits };
    });
    const marks = [index === 0 ? '' : `${index}`, `${index + 1}`];
    pipeline.evalsha(sha, keys.length, ...keys, 'g1', 'no', 's/1', ...marks, '[]', JSON.stringify(batch));
  });
  return { pipeline, ids };
}

async function foldOld(slices: readonly TrackedEvent[][], prefix: string, sha: string): Promise<Map<string, number[]>> {
  const { redis } = world;
  const { pipeline, ids } = applyOld(redis, prefix, slices, sha);
  for (const id of ids) pipeline.hgetall(`${prefix}:moments:${id}`);
  const replies = ((await pipeline.exec()) ?? []).map(([error, reply]) => {
    if (error) throw error;
    return reply;
  });
  const moments = new Map<string, number[]>();
  [...ids].forEach((id, index) => {
    const fields = replies[1 + slices.length + index] as Record<string, string>;
    for (const [field, sums] of Object.entries(fields)) moments.set(`${id} ${field}`, sums.split(' ').map(Number));
  });
  const used = ['counts', 'days', 'units', 'moments'].flatMap((kind) =>
    [...ids].map((id) => `${prefix}:${kind}:${id}`),
  );
  await redis.unlink(`${prefix}:marks`, `${prefix}:experiments`, `${prefix}:generation`, ...used);
  return moments;
}

describe('the fold', () => {
  test(`gives the same moments to the last digit as the script of version 0.1.0: ${STREAMS} streams`, async () => {
    const script = readFileSync('tests/support/counting/layout-one/apply-batch.lua', 'utf8');
    const sha = (await world.redis.script('LOAD', script)) as string;
    const crowded: CodeOf = (name, attempt, bytes) => digestCode(`${name.length % 3}`, attempt, bytes);
    for (let first = 0; first < STREAMS; first += STREAMS_AT_ONCE) {
      const seeds = Array.from({ length: STREAMS_AT_ONCE }, (_, index) => first + index);
      await Promise.all(
        seeds.map(async (seed) => {
          const random = createRandom(seed);
          const slices = cut(randomStream(random), random);
          const found = foldSlices(slices, seed % 2 === 0 ? digestCode : crowded);
          const wanted = await foldOld(slices, `${world.prefix}:old-${seed}`, sha);
          expect({ seed, moments: new Map([...found].sort()) }).toEqual({ seed, moments: new Map([...wanted].sort()) });
        }),
      );
    }
  }, 300_000);
});
