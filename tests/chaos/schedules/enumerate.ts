import type { Redis } from 'ioredis';
import { mapAtOnce } from '../../../shared/runtime/map-at-once.ts';
import type { Limits } from '../../../shared/contract/limits.ts';
import { createRandom } from './random.ts';
import { runSchedule, type Verdict } from './run-schedule.ts';
import type { Schedule, Step } from './schedule.ts';
import type { Accident } from '../world/tasks.ts';
import { createTraffic, EXPERIMENTS } from '../world/traffic.ts';
import type { Mutation } from '../world/world.ts';

/** A state of the world, and something that begins in it: every one of its calls is disturbed in turn. */
export interface Scenario {
  name: string;
  shards: number;
  before: Step[];
  target: Step & { name: number };
  limits?: Limits;
}

/** Something bad that happens after a number of the target's calls. */
export interface Mischief {
  name: string;
  steps: (target: number, calls: number) => Step[];
}

const TARGET = 1_000;
const ANOTHER = 1_001;
const TO_THE_END = 10_000;
/** Records in the target's batch. */
const SIZE = 12;

/** What clients send, to one experiment, and strangers to any: the same for the same seed. */
export function requests(seed: number, count: number, strangers = 0): Step[] {
  const random = createRandom(seed);
  const { request } = createTraffic(random, { strangers });
  return Array.from({ length: count }, (_, index) => {
    const events = request(3, 0.25).map((event) =>
      strangers > 0 || event.experiment === undefined ? event : { ...event, ...EXPERIMENTS[0] },
    );
    return { do: 'put', events, key: `k${seed}-${index}`, twice: index % 4 === 3 };
  });
}

/** Everything that waits in the shards is delivered, in batches of so many records. */
export function deliveries(first: number, count: number, size: number): Step[] {
  return Array.from({ length: count }, (_, index): Step[] => [
    { do: 'deliver', name: first + index, shard: 0, size, back: 0, hurry: 0 },
    { do: 'run', task: first + index, calls: TO_THE_END },
  ]).flat();
}

export const deliverTarget = {
  do: 'deliver',
  name: TARGET,
  shard: 0,
  size: SIZE,
  back: 0,
  hurry: 0,
} as const satisfies Scenario['target'];
export const healTarget: Scenario['target'] = { do: 'heal', name: TARGET };
export const replayTarget: Scenario['target'] = {
  do: 'replay',
  name: TARGET,
  dryRun: false,
  resume: false,
  acceptLoss: false,
};

const moreIsCounted: Step[] = [...requests(77, 2), ...deliveries(ANOTHER, 3, 20)];
const accidents: Accident[] = ['crash before', 'crash after', 'throw before', 'throw after', 'throttle'];

export const mischiefs: Mischief[] = [
  ...accidents.map((accident): Mischief => ({
    name: accident,
    steps: (task, calls) => [{ do: 'run', task, calls, accident }],
  })),
  after('Redis is rolled back', () => [{ do: 'roll back', to: 1 }]),
  after('Redis is wiped', () => [{ do: 'wipe' }]),
  after('another invocation counts the same records', () => deliveries(ANOTHER, 1, 20)),
  after('more arrives and is counted', () => moreIsCounted),
  after('another replay begins, and crashes', () => [
    { do: 'replay', name: ANOTHER, dryRun: false, resume: false, acceptLoss: false },
    { do: 'run', task: ANOTHER, calls: 3, accident: 'crash after' },
  ]),
  {
    name: 'an error, and then Redis is rolled back',
    steps: (task, calls) => [
      { do: 'run', task, calls, accident: 'throw before' },
      { do: 'run', task, calls: TO_THE_END },
      { do: 'roll back', to: 1 },
      ...moreIsCounted,
    ],
  },
  {
    name: 'a crash, another delivery, and then Redis is rolled back',
    steps: (task, calls) => [
      { do: 'run', task, calls, accident: 'crash before' },
      ...deliveries(ANOTHER + 10, 1, SIZE),
      { do: 'roll back', to: 1 },
      ...moreIsCounted,
    ],
  },
  after('all shards are healed', () => [
    { do: 'heal', name: ANOTHER },
    { do: 'run', task: ANOTHER, calls: TO_THE_END },
  ]),
  after('another replay comes to its end', () => [
    { do: 'replay', name: ANOTHER, dryRun: false, resume: false, acceptLoss: false },
    { do: 'run', task: ANOTHER, calls: TO_THE_END },
  ]),
];

function after(name: string, more: () => Step[]): Mischief {
  return { name, steps: (task, calls) => [{ do: 'run', task, calls }, ...more()] };
}

/** A call at which the mischief made a difference. */
export interface Disturbed {
  call: number;
  verdict: Verdict;
}

interface Disturbance {
  breakIt?: () => Mutation;
  /** Of the target's calls, those that are disturbed; all of them unless given. */
  isChosen?: (call: number) => boolean;
}

/**
 * Runs a scenario once for each of the target's calls, with the mischief there.
 * @returns the calls at which the counters were not exact
 */
export async function disturbCalls(
  { name, shards, before, target, limits }: Scenario,
  mischief: Mischief,
  redis: Redis,
  { breakIt = () => ({}), isChosen = () => true }: Disturbance = {},
): Promise<Disturbed[]> {
  const undisturbed = await runSchedule(scheduleOf([{ do: 'run', task: TARGET, calls: TO_THE_END }]), redis);
  const calls = undisturbed.calls.get(TARGET) ?? 0;
  if (calls === 0) throw new Error(`${name}: the target does nothing`);

  const disturbed = await mapAtOnce(
    AT_ONCE,
    Array.from({ length: calls }, (_, index) => index + 1).filter(isChosen),
    async (call) => {
      return { call, verdict: await runSchedule(scheduleOf(mischief.steps(TARGET, call)), redis, breakIt()) };
    },
  );
  return disturbed.filter(({ verdict }) => verdict.result !== 'exact');

  function scheduleOf(steps: Step[]): Schedule {
    return { seed: 0, shards, steps: [...before, target, ...steps], ...(limits && { limits }) };
  }
}

const AT_ONCE = 12;
