import { setImmediate as microtasksDone } from 'node:timers/promises';

/**
 * How a call of a store may go wrong. `throw`: the caller sees an error; `crash`: the caller is never heard of again;
 * `throttle`: a table is too busy for most of what is asked.
 */
export type Accident = 'throw before' | 'throw after' | 'crash before' | 'crash after' | 'throttle';

/** One call of a store that waits until the schedule lets it happen. */
interface PendingCall {
  name: string;
  run: (accident: Accident | undefined) => Promise<unknown>;
}

/**
 * Something that runs in the simulated world: an invocation of the consumer, a heal, a replay. It stands still at each
 * call of a store until the schedule lets that call happen, so that tasks interleave as the schedule says, and as
 * nothing else says.
 */
export interface Task {
  /** As steps name it. */
  name: number;
  kind: string;
  /** Running, ended by itself, or crashed: a crashed one never goes on. */
  state: 'running' | 'ended' | 'crashed';
  pending: PendingCall[];
  /** How many calls have happened. */
  calls: number;
  enter: Gate;
}

/** Stands still until the schedule lets the call happen, then makes it. */
export type Gate = <T>(name: string, call: () => Promise<T>, onAccident?: (how: Accident) => Promise<T>) => Promise<T>;

/** What a store's call answers where the schedule lets it fail. */
export class StoreFailure extends Error {
  override name = 'StoreFailure';
}

export function createTask(name: number, kind: string): Task {
  const task: Task = { name, kind, state: 'running', pending: [], calls: 0, enter };

  function enter<T>(name: string, call: () => Promise<T>, onAccident?: (how: Accident) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const run = async (accident: Accident | undefined) => {
        task.calls += 1;
        try {
          const outcome = await callWith(accident, name, call, onAccident);
          if (accident?.startsWith('crash')) task.state = 'crashed';
          else resolve(outcome);
        } catch (error) {
          if (accident?.startsWith('crash')) task.state = 'crashed';
          else reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      task.pending.push({ name, run });
    });
  }
  return task;
}

async function callWith<T>(
  accident: Accident | undefined,
  name: string,
  call: () => Promise<T>,
  onAccident: ((how: Accident) => Promise<T>) | undefined,
): Promise<T> {
  if (accident && onAccident) return onAccident(accident);
  if (accident?.endsWith('before') || accident === 'throttle') throw new StoreFailure(`${name}: refused`);
  const outcome = await call();
  if (accident) throw new StoreFailure(`${name}: no answer`);
  return outcome;
}

/** Starts the task's work; it runs up to its first call of a store. */
export async function start(task: Task, work: () => Promise<void>): Promise<void> {
  const end = () => {
    if (task.state === 'running') task.state = 'ended';
  };
  work().then(end, end);
  await microtasksDone();
}

/** Lets the task's next call happen, and the task run on to the one after it. */
export async function step(task: Task, accident?: Accident): Promise<void> {
  if (task.state !== 'running') return;
  const call = task.pending.shift();
  if (call) await call.run(accident);
  // Between two calls the product does nothing but compute: when the microtasks are done, it stands still again.
  await microtasksDone();
}

/** The same store, each of whose calls waits at the gate. */
export function gated<T extends object>(name: string, store: T, gate: Gate): T {
  return new Proxy(store, {
    get(target, key) {
      const method: unknown = Reflect.get(target, key);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) =>
        gate(`${name}.${String(key)}`, () => Reflect.apply(method, target, args) as Promise<unknown>);
    },
  });
}
