import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { DEFAULT_LIMITS } from '../../shared/contract/limits.ts';
import { mapAtOnce } from '../../shared/runtime/map-at-once.ts';

export interface FillOptions {
  /** A fresh system on this machine, `http://127.0.0.1:3000`. */
  url: string;
  apiKey: string;
  redisUrl: string;
  /** How long counting may take, s. */
  patienceSeconds: number;
}

export interface FillResult {
  events: number;
  seconds: number;
  /** Of the experiment's largest hash. */
  counters: number;
  /** How long each of these took at the most, ms. */
  list: number;
  experiment: number;
  segment: number;
  listsAtOnce: number;
  /** Reads that were not answered with 200. */
  unanswered: number;
  /** The longest command of Redis, ms, and what it was. */
  slowest: { ms: number; command: string };
}

const { variants, goals, segments } = DEFAULT_LIMITS;
/** Of one event. */
const SEGMENTS = 8;
const REQUEST = 500;
const CONNECTIONS = 4;
const READS = 5;

/** One experiment with every variant, goal and segment that the default limits let it have, and then what reading takes. */
export async function fillExperiment({ url, apiKey, redisUrl, patienceSeconds }: FillOptions): Promise<FillResult> {
  const redis = new Redis(redisUrl);
  try {
    await redis.config('SET', 'slowlog-log-slower-than', '5000');
    await redis.slowlog('RESET');
    const began = Date.now();
    const events = everyCombination();
    const requests = Array.from({ length: Math.ceil(events.length / REQUEST) }, (_, i) =>
      events.slice(i * REQUEST, (i + 1) * REQUEST),
    );
    await mapAtOnce(CONNECTIONS, requests, (request) => post(url, request));
    const deadline = began + patienceSeconds * 1_000;
    while ((await countedIn(redis)) < events.length) {
      if (Date.now() > deadline) throw new Error(`${await countedIn(redis)} of ${events.length} events were counted`);
      await sleep(500);
    }
    const seconds = (Date.now() - began) / 1_000;
    let unanswered = 0;
    const read = (path: string) =>
      timeOf(async () => {
        if (!(await get(`${url}${path}`, apiKey))) unanswered += 1;
      });
    const reads = {
      events: events.length,
      seconds,
      counters: await largest(redis),
      list: await most(() => read('/v1/experiments')),
      experiment: await most(() => read('/v1/experiment?experiment=full')),
      segment: await most(() => read('/v1/experiment?experiment=full&segment=key0%3Dlabel0')),
      listsAtOnce: await most(async () =>
        Math.max(...(await Promise.all([1, 2, 3, 4].map(() => read('/v1/experiments'))))),
      ),
    };
    return { ...reads, unanswered, slowest: await slowest(redis) };
  } finally {
    redis.disconnect();
  }
}

function everyCombination(): object[] {
  const names = (count: number, of: string) => Array.from({ length: count }, (_, i) => `${of}${i}`);
  const labels = names(Math.floor(segments / SEGMENTS), 'label');
  return names(variants, 'variant').flatMap((variant) =>
    ['participate', ...names(goals, 'goal')].flatMap((event) =>
      labels.map((label) => ({
        ...{ experiment: 'full', variant, event, uuid: randomUUID() },
        segments: Object.fromEntries(names(SEGMENTS, 'key').map((key) => [key, label])),
      })),
    ),
  );
}

async function post(url: string, events: object[]): Promise<void> {
  const body = JSON.stringify(events);
  const response = await fetch(`${url}/events`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  if (!response.ok) throw new Error(`a request was answered ${response.status}: ${await response.text()}`);
}

async function get(url: string, apiKey: string): Promise<boolean> {
  const response = await fetch(url, { headers: { 'x-api-key': apiKey } });
  await response.arrayBuffer();
  return response.ok;
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function most(measure: () => Promise<number>): Promise<number> {
  let longest = 0;
  for (let read = 0; read < READS; read += 1) longest = Math.max(longest, await measure());
  return longest;
}

async function countedIn(redis: Redis): Promise<number> {
  const [totals] = await redis.keys('{mem*}:*:totals');
  return totals === undefined ? 0 : Number(await redis.hget(totals, 'alephbet:full@0'));
}

async function largest(redis: Redis): Promise<number> {
  const keys = await redis.keys('{mem*}:*:*:alephbet:full@0');
  const sizes = await Promise.all(keys.map(async (key) => ((await redis.type(key)) === 'hash' ? redis.hlen(key) : 0)));
  return Math.max(0, ...sizes);
}

/** KEYS is asked by this measurement alone. */
async function slowest(redis: Redis): Promise<FillResult['slowest']> {
  const entries = (await redis.slowlog('GET', 128)) as [id: number, at: number, microseconds: number, args: string[]][];
  const found = entries
    .filter(([, , , [command = '']]) => !['keys', 'slowlog', 'config'].includes(command.toLowerCase()))
    .sort(([, , a], [, , b]) => b - a)[0];
  if (!found) return { ms: 0, command: 'none over 5 ms' };
  const [, , microseconds, args] = found;
  return { ms: microseconds / 1_000, command: args.slice(0, 4).join(' ').slice(0, 120) };
}
