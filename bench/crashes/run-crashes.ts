import { runLoad, type LoadResult } from '../load/run-load.ts';
import { strikes, type Strike, type Victim } from './strikes.ts';

export interface CrashesOptions {
  victim: Victim;
  /** Altogether; each strike falls into its share of them. */
  events: number;
  seed: number;
  say: (line: string) => void;
}

export interface StruckLoad {
  name: string;
  load: LoadResult;
}

/** When the strike falls: so much of the load has been answered. */
const MIDDLE = 0.4;

/**
 * Sends a load for each strike to a running system, strikes in the middle of it, and compares every counter. In the end
 * all loads are sent once more: each is still counted, and nothing of it twice.
 */
export async function runCrashes({ victim, events, seed, say }: CrashesOptions): Promise<StruckLoad[]> {
  const share = Math.ceil(events / strikes.length);
  const results: StruckLoad[] = [];
  const send = (index: number, onAnswer?: (part: number) => void) =>
    runLoad({
      url: victim.system.url,
      apiKey: 'local',
      events: share,
      seed: seed + index,
      connections: 20,
      patienceSeconds: 300,
      say: () => undefined,
      ...(onAnswer && { onAnswer }),
    });

  for (const [index, strike] of strikes.entries()) {
    strike.prepare?.(victim);
    say(strike.name);
    const middle = createStrike(strike, victim);
    const load = await send(index, middle.onAnswer);
    await middle.done();
    results.push({ name: strike.name, load });
  }
  for (const index of strikes.keys()) results.push({ name: 'everything sent once more', load: await send(index) });
  return results;
}

/** Strikes once, when the middle is reached. */
function createStrike({ strike }: Strike, victim: Victim) {
  let struck: Promise<void> | undefined;
  return {
    onAnswer: (part: number) => {
      if (part >= MIDDLE) struck ??= Promise.resolve(strike(victim));
    },
    done: () => struck,
  };
}
