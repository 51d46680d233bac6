import { setTimeout as sleep } from 'node:timers/promises';
import { mapAtOnce } from '../../shared/runtime/map-at-once.ts';
import type { SimulationPlan } from './plan.ts';

export interface SendDeps {
  fetch: typeof fetch;
  sleep: (ms: number) => Promise<void>;
  /** Told how many events have been answered. */
  onAnswer: (events: number) => void;
}

export interface Answered {
  accepted: number;
  rejected: number;
}

const CONNECTIONS = 8;
const ATTEMPTS = 6;

export const realSendDeps = {
  fetch: (...request: Parameters<typeof fetch>) => fetch(...request),
  sleep: (ms: number) => sleep(ms),
};

/**
 * Sends a plan to the ingest endpoint, phase after phase. What is not answered is sent again, and counts once.
 * @throws Error where the endpoint keeps failing, or does not answer as Mem does
 */
export async function sendPlan(url: string, { phases }: SimulationPlan, deps: SendDeps): Promise<Answered> {
  const sum: Answered = { accepted: 0, rejected: 0 };
  for (const requests of phases) {
    const answers = await mapAtOnce(CONNECTIONS, requests, async (events) => {
      const answer = await sendUntilAnswered(url, events, deps);
      deps.onAnswer(events.length);
      return answer;
    });
    for (const { accepted, rejected } of answers) {
      sum.accepted += accepted;
      sum.rejected += rejected;
    }
  }
  return sum;
}

async function sendUntilAnswered(url: string, events: readonly unknown[], deps: SendDeps): Promise<Answered> {
  let reason = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) await deps.sleep(100 * 2 ** attempt);
    try {
      const response = await deps.fetch(new URL('/events', url), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(events),
      });
      const text = await response.text();
      if (response.status === 200 || response.status === 400) return readAnswer(text);
      reason = `${response.status} ${text.slice(0, 200)}`;
      if (response.status < 500) break;
    } catch (error) {
      reason = error instanceof Error ? causeOf(error) : String(error);
    }
  }
  throw new Error(`${url} does not take events: ${reason} (is npm start running?)`);
}

function readAnswer(text: string): Answered {
  const { accepted = 0, rejected = [] } = JSON.parse(text) as { accepted?: number; rejected?: unknown[] };
  return { accepted, rejected: rejected.length };
}

/** What fetch hides behind "fetch failed". */
function causeOf({ message, cause }: Error): string {
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
