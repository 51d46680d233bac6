import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { compareCounts, readParticipants, type Comparison, type Read } from './compare.ts';
import { planLoad, type LoadPlan } from './plan.ts';
import { sendAll, type Sent } from './send.ts';

export interface LoadOptions {
  /** A system on this machine, `http://127.0.0.1:3000`. */
  url: string;
  apiKey: string;
  events: number;
  seed: number;
  connections: number;
  /** How long the counters may take after the last answer, s. */
  patienceSeconds: number;
  /** Told in one line what is being done. */
  say: (line: string) => void;
  /** Told after each answer what part of the requests has been answered, 0 to 1. */
  onAnswer?: (part: number) => void;
}

export interface LoadResult extends Sent, Comparison {
  plan: LoadPlan;
  /** Whether the last events were counted in time: else the comparison came too early. */
  settled: boolean;
  sendSeconds: number;
  /** From the last answer until everything was counted. */
  countSeconds: number;
}

/**
 * Sends a load to a running system, waits until all of it is counted, and compares every counter.
 * @throws Error where there is no system: later, when it is down for a time, requests are sent again
 */
export async function runLoad({
  url,
  apiKey,
  events,
  seed,
  connections,
  patienceSeconds,
  say,
  onAnswer,
}: LoadOptions): Promise<LoadResult> {
  const plan = planLoad({ events, seed, run: randomUUID() });
  const read = createRead(url, apiKey);
  await fetch(`${url}/health`).catch((error: unknown) => {
    throw new Error(`nobody answers at ${url}: start a system with npm start, or name another one with --url`, {
      cause: error,
    });
  });

  say(
    `sending ${plan.events} events in ${plan.requests.length} requests over ${connections} connections, seed ${seed}`,
  );
  const began = Date.now();
  const sent = await sendAll(url, plan.requests, connections, onAnswer);
  const last = await sendAll(url, plan.last.requests, connections);
  const answered = Date.now();

  say('waiting until they are counted');
  const settled = await waitForTheLast(plan, read, answered + patienceSeconds * 1_000);
  const counted = Date.now();

  say('comparing the counters');
  return {
    plan,
    settled,
    resent: sent.resent + last.resent,
    wrongAnswers: [...sent.wrongAnswers, ...last.wrongAnswers],
    sendSeconds: (answered - began) / 1_000,
    countSeconds: (counted - answered) / 1_000,
    ...(await compareCounts(plan.expected, plan.tag, read)),
  };
}

/** Each shard keeps its order: when the last events are counted, so is everything that was acknowledged before them. */
async function waitForTheLast({ last }: LoadPlan, read: Read, deadline: number): Promise<boolean> {
  while (Date.now() < deadline) {
    const counted = await readParticipants(last.experiment, read).catch(() => undefined); // it may be down just now
    if (counted === last.requests.length) return true;
    await sleep(250);
  }
  return false;
}

/** Reads from a running system. */
export function createRead(url: string, apiKey: string): Read {
  return async (path, query) => {
    const response = await fetch(`${url}${path}?${new URLSearchParams(query).toString()}`, {
      headers: { 'x-api-key': apiKey },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    return JSON.parse(text) as unknown;
  };
}
