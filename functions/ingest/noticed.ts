import { refusedReasons, type LeftOutReason } from '../../shared/contract/report/ingest-notes.ts';
import { controlUpdate, leftOutUpdates, type NotesUpdate } from '../../shared/stores/dynamodb/ingest-notes/updates.ts';

/** An experiment as an event names it. */
export interface Named {
  namespace: string;
  experiment: string;
}

/** Tells reports what no counter holds. None of it stands in the way of events: it never throws, and nobody waits for it. */
export interface Noticed {
  /** A client has said which variant those see who take no part. */
  control: (of: Named, control: string) => void;
  leftOut: (of: Named, reason: LeftOutReason) => void;
}

export interface NoticedDeps {
  /** Changes one item of the state table. Rejects where a condition does not hold, too. */
  update: (update: NotesUpdate) => Promise<unknown>;
  /** ms since 1970 */
  now: () => number;
  /** Calls back after so many ms, unless the process has ended by then. */
  later: (ms: number, work: () => void) => void;
}

const TELL_EVERY_MS = 10_000;

/** So many experiments are told of at once: made-up names cost no more than that. */
const MOST_AT_ONCE = 20;

/** A control is told again after an hour, so that a deleted experiment that begins again has one. */
const CONTROL_KEPT_MS = 3_600_000;
const MOST_CONTROLS_KEPT = 1_000;

interface Waiting extends Named {
  counts: Map<LeftOutReason, number>;
  control?: string;
}

/** One instance's notes: kept for ten seconds at most, then told in the background, so that totals are approximate. */
export function createNoticed({ update, now, later }: NoticedDeps): Noticed {
  let waiting = new Map<string, Waiting>();
  let toldAt = 0;
  let isPlanned = false;
  const controls = new Map<string, number>();

  function waitingOf({ namespace, experiment }: Named): Waiting | undefined {
    const name = JSON.stringify([namespace, experiment]);
    const known = waiting.get(name);
    if (known || waiting.size >= MOST_AT_ONCE) return known;
    const added = { namespace, experiment, counts: new Map<LeftOutReason, number>() };
    waiting.set(name, added);
    return added;
  }

  function tell(): void {
    isPlanned = false;
    toldAt = now();
    const told = [...waiting.values()];
    waiting = new Map();
    for (const one of told) void tellOf(one).catch(() => undefined); // it is told approximately, and never twice
  }

  async function tellOf({ namespace, experiment, counts, control }: Waiting): Promise<void> {
    if (control !== undefined) {
      await update(controlUpdate(namespace, experiment, control, now())).catch(() => undefined);
    }
    if (counts.size === 0) return;
    const [add, begin] = leftOutUpdates(namespace, experiment, counts, now());
    await update(add).catch((error: unknown) => {
      if ((error as Error).name === 'ConditionalCheckFailedException') return update(begin);
      throw error;
    });
  }

  function plan(): void {
    if (isPlanned) return;
    isPlanned = true;
    // At the end of this turn, when the whole request has been looked at, unless something was told just now.
    later(Math.max(0, toldAt + TELL_EVERY_MS - now()), tell);
  }

  return {
    control(of, control) {
      const name = JSON.stringify([of.namespace, of.experiment, control]);
      if (now() - (controls.get(name) ?? 0) < CONTROL_KEPT_MS) return;
      const one = waitingOf(of);
      if (!one || (one.control !== undefined && one.control !== control)) return;
      if (controls.size >= MOST_CONTROLS_KEPT) controls.clear();
      controls.set(name, now());
      one.control = control;
      plan();
    },

    leftOut(of, reason) {
      const one = waitingOf(of);
      if (!one) return;
      one.counts.set(reason, (one.counts.get(reason) ?? 0) + 1);
      plan();
    },
  };
}

/** @param code of a refusal, or the property that was left out; properties of nobody's concern are `other` */
export function reasonOf(code: string): LeftOutReason {
  const [property = ''] = code.split('.');
  if (property === 'value' || property === 'segments') return property;
  return refusedReasons.find((reason) => reason === code) ?? 'other';
}
