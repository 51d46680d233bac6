import { afterAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { experimentId, fieldOf } from '../../../shared/contract/experiment-id.ts';
import { createRedisKeys, type RedisKeys } from '../../../shared/stores/redis/keys.ts';
import { createTallyReader, type TallyReader } from '../../../shared/stores/redis/tally-reader.ts';
import { connectTestRedis } from '../../chaos/world/test-redis.ts';

const redis = connectTestRedis();
afterAll(() => redis.disconnect());

let keys: RedisKeys;
let tallies: TallyReader;
beforeEach(async () => {
  const prefix = `{list-${randomUUID()}}`;
  keys = createRedisKeys(prefix);
  tallies = createTallyReader(redis, prefix);
  await redis.set(keys.pointer, 'g1');
});

async function count(
  experiment: string,
  fields: Record<string, string>,
  { namespace = 'shop', generation = 'g1' } = {},
) {
  const id = experimentId({ namespace, experiment, incarnation: 0 });
  await redis.sadd(keys.experiments(generation), id);
  await redis.hset(keys.counts(generation, id), fields);
  await redis.hset(keys.activity(generation), { [id]: '1000 2000', '': '1000 3000' });
  return id;
}

async function listed(): Promise<Record<string, string>> {
  const { experiments } = await tallies.namespace('shop');
  return Object.fromEntries(experiments.map(({ ref, tally }) => [ref.experiment, tally]));
}

describe('the list of a namespace', () => {
  test('holds its experiments alone, without their segments, with when they were active', async () => {
    const id = await count('checkout', { 'a:participate': '5' });
    await redis.hset(keys.segments('g1', id), { 'a:participate:platform%3Dios': '2' });
    await redis.hset(keys.moments('g1', id), { 'a:': '5 0' });
    await redis.hset(keys.segmentMoments('g1', id), { 'a::platform%3Dios': '2 0' });
    await count('elsewhere', { 'a:participate': '9' }, { namespace: 'shops' });

    expect(await tallies.namespace('shop')).toMatchObject({
      generation: 'g1',
      newest: 3_000,
      experiments: [
        { ref: { experiment: 'checkout' }, span: { first: 1_000, last: 2_000 }, tally: 'a:participate\t5\na:\t5 0' },
      ],
    });
  });

  test('costs one trip, however many experiments there are; and one more when there is a new one', async () => {
    for (let i = 0; i < 600; i += 1) await count(`experiment ${i}`, { [fieldOf('a', 'participate')]: `${i}` });
    expect(Object.keys(await listed())).toHaveLength(600);

    const trips = jest.spyOn(redis, 'pipeline');
    try {
      expect((await listed())['experiment 599']).toBe('a:participate\t599\n');
      expect(trips).toHaveBeenCalledTimes(1);
      await count('new', { 'a:participate': '1' });
      expect(await listed()).toHaveProperty('new', 'a:participate\t1\n');
      expect(trips).toHaveBeenCalledTimes(3);
    } finally {
      trips.mockRestore();
    }
  });

  test('is of the served generation from the first list after a switch on', async () => {
    await count('checkout', { 'a:participate': '5' });
    await listed();
    await count('checkout', { 'a:participate': '6' }, { generation: 'g7' });
    await redis.set(keys.pointer, 'g7');
    expect(await listed()).toEqual({ checkout: 'a:participate\t6\n' });
  });

  test('no longer holds what has been removed', async () => {
    const id = await count('checkout', { 'a:participate': '5' });
    await listed();
    await redis.srem(keys.experiments('g1'), id);
    expect(await listed()).toEqual({});
  });

  test('is not confused by fields and values that hold tabs and line feeds', async () => {
    await count('checkout', { 'a:b\tc\nd': '1\n2\t3', 'a:participate': '5' });
    expect((await listed()).checkout?.split('\n').map((part) => part.split('\t'))).toEqual([
      expect.arrayContaining(['a:b c d', '1 2 3', 'a:participate', '5']),
      [''],
    ]);
  });

  test('of an empty Redis is empty', async () => {
    await redis.del(keys.pointer);
    expect(await tallies.namespace('shop')).toMatchObject({
      generation: undefined,
      experiments: [],
      newest: undefined,
    });
  });
});

describe('an experiment', () => {
  const ref = { namespace: 'shop', experiment: 'checkout', incarnation: 0 };

  test('is read with the segment that is asked for, and with the names of the others', async () => {
    const id = await count('checkout', { 'a:participate': '5', 'a:buy': '2' });
    const ios = { 'a:participate:platform%3Dios': '2' };
    await redis.hset(keys.segments('g1', id), { ...ios, 'a:buy:platform%3Dios%2014': '1', 'a:participate:x%3Dy': '3' });
    await redis.hset(keys.labels('g1', id), { 'platform%3Dios': '2', 'platform%3Dios%2014': '1', 'x%3Dy': '3' });
    await redis.hset(keys.moments('g1', id), { 'a:': '5 0' });
    await redis.hset(keys.segmentMoments('g1', id), { 'a::platform%3Dios': '2 0', 'a::x%3Dy': '3 0' });

    const whole = { counts: { 'a:participate': '5', 'a:buy': '2' }, moments: { 'a:': '5 0' } };
    const labels = { 'platform%3Dios': '2', 'platform%3Dios%2014': '1', 'x%3Dy': '3' };
    expect(await tallies.tally('g1', ref)).toEqual({ ...whole, labels });
    expect(await tallies.tally('g1', ref, 'platform=ios')).toEqual({
      counts: { ...whole.counts, ...ios },
      moments: { ...whole.moments, 'a::platform%3Dios': '2 0' },
      labels,
    });
  });

  test('asks for no more fields in one command than are answered in a few milliseconds', async () => {
    const fields = Array.from({ length: 5_050 }, (_, event) => fieldOf('a', `goal ${event}`));
    const id = await count('checkout', Object.fromEntries(fields.map((field) => [field, '1'])));
    await redis.hset(
      keys.segments('g1', id),
      Object.fromEntries(fields.map((field) => [`${field}:${fieldOf('platform=ios')}`, '1'])),
    );
    const asked = jest.spyOn(redis, 'hmget');
    try {
      const { counts } = await tallies.tally('g1', ref, 'platform=ios');
      expect(Object.keys(counts)).toHaveLength(2 * fields.length);
      expect(Math.max(...asked.mock.calls.map((call) => call.length))).toBeLessThan(3_999);
    } finally {
      asked.mockRestore();
    }
  });
});
