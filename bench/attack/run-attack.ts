import { setTimeout as sleep } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { createRandom, type Random } from '../load/random.ts';
import { mapAtOnce } from '../../shared/runtime/map-at-once.ts';
import { strangeEvent } from './strange-events.ts';

export interface AttackOptions {
  /** A fresh system on this machine, `http://127.0.0.1:3000`. */
  url: string;
  apiKey: string;
  redisUrl: string;
  /** How many the attacker sends. */
  events: number;
  seed: number;
  /** How long counting may take after the last answer, s. */
  patienceSeconds: number;
}

export interface AttackResult {
  /** Answers to the attacker by HTTP status. */
  answers: Record<string, number>;
  /** Visitors of the site's own experiment, each with one goal, by variant: what was sent, and what is counted. */
  sent: Record<string, number>;
  counted: Record<string, { participants: number; goals: number }>;
  /** Whether all of it was counted in time. */
  settled: boolean;
  seconds: number;
  redis: RedisFigures;
}

export interface RedisFigures {
  keys: number;
  experiments: number;
  /** Of the largest hash of counts. */
  mostCounters: number;
  usedBytes: number;
}

const REQUEST = 500;
const CONNECTIONS = 8;
const ATTEMPTS = 10;
const RETRY_MS = 200;
const VARIANTS = ['control', 'blue'] as const;

/** Floods a system with strange names while a site goes on counting, and looks at what became of both. */
export async function runAttack({
  url,
  apiKey,
  redisUrl,
  events,
  seed,
  patienceSeconds,
}: AttackOptions): Promise<AttackResult> {
  const random = createRandom(seed);
  const site = createSite(url);
  await site.visit(20); // its names are known before the stranger comes
  const began = Date.now();
  const answers: Record<string, number> = {};
  const sizes = Array.from({ length: Math.ceil(events / REQUEST) }, (_, i) => Math.min(REQUEST, events - i * REQUEST));
  await mapAtOnce(CONNECTIONS, sizes, async (size) => {
    const status = await post(url, strangers(random, size));
    answers[status] = (answers[status] ?? 0) + 1;
    await site.visit(2);
  });
  await site.visit(100); // on every shard, with all but certainty, after everything else

  const deadline = Date.now() + patienceSeconds * 1_000;
  const isCounted = (counted: AttackResult['counted']) =>
    VARIANTS.every(
      (name) =>
        (counted[name]?.participants ?? 0) >= (site.sent[name] ?? 0) &&
        (counted[name]?.goals ?? 0) >= (site.sent[name] ?? 0),
    );
  let counted = await readCounted(url, apiKey);
  while (!isCounted(counted) && Date.now() < deadline) {
    await sleep(250);
    counted = await readCounted(url, apiKey);
  }
  const settled = isCounted(counted);
  return {
    answers,
    sent: site.sent,
    counted,
    settled,
    seconds: (Date.now() - began) / 1_000,
    redis: await readFigures(redisUrl),
  };
}

function strangers(random: Random, count: number) {
  return Array.from({ length: count }, () => strangeEvent(random));
}

/** Visitors of the site itself: an exposure and a goal, in requests of their own. */
function createSite(url: string) {
  const sent: Record<string, number> = { control: 0, blue: 0 };
  return {
    sent,
    async visit(visitors: number) {
      for (let i = 0; i < visitors; i += 1) {
        const variant = VARIANTS[i % VARIANTS.length] ?? 'control';
        const event = { experiment: 'shop', variant, unit: randomUUID(), segments: { platform: 'web' } };
        const status = await post(
          url,
          ['participate', 'bought'].map((name) => ({ ...event, event: name, uuid: randomUUID() })),
        );
        if (status !== 200) throw new Error(`a visit to the site's own experiment was answered ${status}`);
        sent[variant] = (sent[variant] ?? 0) + 1;
      }
    },
  };
}

/** As a browser's SDK does: what is not taken for now is sent again. @returns the status of the last answer */
async function post(url: string, events: unknown): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const status = await postOnce(url, events);
    if (status !== 503 || attempt === ATTEMPTS) return status;
    await sleep(RETRY_MS * attempt);
  }
}

async function postOnce(url: string, events: unknown): Promise<number> {
  const response = await fetch(`${url}/events`, {
    method: 'POST',
    body: JSON.stringify(events),
    headers: { 'content-type': 'application/json' },
  });
  await response.text();
  return response.status;
}

async function readCounted(url: string, apiKey: string): Promise<AttackResult['counted']> {
  const response = await fetch(`${url}/v1/experiment?experiment=shop`, { headers: { 'x-api-key': apiKey } });
  if (!response.ok) throw new Error(`the report answered ${response.status}: ${await response.text()}`);
  const { variants, goals } = (await response.json()) as ExperimentAnswer;
  const bought = goals.find(({ name }) => name === 'bought');
  return Object.fromEntries(
    variants.map(({ name, participants }) => [
      name,
      { participants, goals: bought?.results.find(({ variant }) => variant === name)?.count ?? 0 },
    ]),
  );
}

async function readFigures(redisUrl: string): Promise<RedisFigures> {
  const redis = new Redis(redisUrl);
  try {
    const counts = await redis.keys('{mem*}:*:counts:*');
    const sizes = await Promise.all(counts.map((key) => redis.hlen(key)));
    return {
      keys: await redis.dbsize(),
      experiments: counts.length,
      mostCounters: Math.max(0, ...sizes),
      usedBytes: Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1] ?? 0),
    };
  } finally {
    redis.disconnect();
  }
}
