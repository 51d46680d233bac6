// What the SDK costs its callers: a decision on a server, and an event where many wait. `npm run bench:sdk`
import { defineExperiment } from '../sdk/src/experiment/definition.ts';
import { createExperiments } from '../sdk/src/experiment/experiments.ts';
import { hmacSha256 } from '../sdk/src/key/sha256.ts';
import { hmacNode } from '../sdk/src/node/identify.ts';
import { percent } from '../sdk/src/rollout.ts';
import { createStorageOutbox } from '../sdk/src/tracker/storage-outbox.ts';
import { createTracker } from '../sdk/src/tracker/tracker.ts';

const ROUNDS = 5;
const WAITING = 1_000;

const colors = defineExperiment({
  name: 'colors',
  variants: { control: () => 'old', red: () => 'new' },
  rollout: percent({ control: 50, red: 50 }),
});

/** CPU time as the median over some rounds, in microseconds a call; the first round warms up. */
async function measure(calls: number, call: (i: number) => unknown): Promise<number> {
  const results: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const from = process.cpuUsage();
    for (let i = 0; i < calls; i++) await call(round * calls + i);
    const { user, system } = process.cpuUsage(from);
    results.push((user + system) / calls);
  }
  return results.slice(1).sort((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
}

function print(what: string, microseconds: number): void {
  console.log(`${what.padEnd(60)} ${microseconds.toFixed(1).padStart(8)} µs`);
}

function createWith(hmac: typeof hmacNode) {
  const tracker = { track: () => undefined, flush: () => Promise.resolve(0) };
  return createExperiments({ namespace: 'shop', hmac, tracker, onError: console.error });
}

/** As localStorage: items are own properties, methods are not. */
function createStorage() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  };
}

const server = createWith(hmacNode);
const page = createWith(hmacSha256);
const run = (userId: number) => server.for(colors, { userId }).run();

const tracker = createTracker({
  post: () => new Promise(() => undefined),
  address: '',
  outbox: createStorageOutbox({
    storage: createStorage,
    prefix: 'mem/',
    capacity: 1_000_000,
    now: Date.now,
    mayStore: () => true,
    onRefused: () => undefined,
  }),
  onError: console.error,
});
const event = { namespace: 'shop', experiment: 'colors', variant: 'red', event: 'clicked', unit: 'u'.repeat(64) };
const track = (i: number): void => tracker.track({ ...event, uuid: `${i}`.padStart(32, '0') });

async function main(): Promise<void> {
  print('decision and exposure, a new visitor, on a server', await measure(20_000, (i) => run(i + 1)));
  print('decision and exposure, a known visitor, on a server', await measure(20_000, (i) => run((i % 100) + 1)));
  print('decision alone, on a server', await measure(20_000, (i) => server.for(colors, { userId: i + 1 }).assign()));
  print('decision and exposure, in a page', await measure(2_000, (i) => page.for(colors, { userId: i + 1 }).run()));

  for (let i = 0; i < WAITING; i++) track(i);
  print(
    `track(), ${WAITING.toLocaleString('en')} and more events waiting`,
    await measure(1_000, (i) => track(WAITING + i)),
  );
}

void main().then(() => process.exit(0));
