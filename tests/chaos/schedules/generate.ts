import type { StreamEvent } from '../../../shared/contract/event.ts';
import { VERSIONS } from '../../../shared/contract/versions.ts';
import type { Limits } from '../../../shared/contract/limits.ts';
import { createRandom, type Random } from './random.ts';
import type { Schedule, Step } from './schedule.ts';
import type { Accident } from '../world/tasks.ts';
import { createTraffic, strangeName, strayExposures, strayGoal } from '../world/traffic.ts';

/** How likely each kind of step is, in proportion to the others. */
export interface Weather {
  events: number;
  put: number;
  putAstray: number;
  garbage: number;
  deliver: number;
  run: number;
  accident: number;
  heal: number;
  replay: number;
  reshard: number;
  delete: number;
  pass: number;
  snapshot: number;
  rollBack: number;
  wipe: number;
  loseKey: number;
  release: number;
  define: number;
  raiseLimits: number;
  archive: number;
  forgetPositions: number;
  deploy: number;
  /** How likely an event has a name that nobody asked for; then there are few places for names. */
  strangers: number;
  /** How likely a visitor's goal names no experiment. */
  visitorGoals: number;
}

type StepKind = Exclude<keyof Weather, 'events' | 'strangers' | 'visitorGoals'>;

const FAIR: Weather = {
  events: 200,
  put: 30,
  putAstray: 0,
  garbage: 0.5,
  deliver: 22,
  run: 45,
  accident: 5,
  heal: 2,
  replay: 0.4,
  reshard: 0.6,
  delete: 0.3,
  pass: 2,
  snapshot: 4,
  rollBack: 1.5,
  wipe: 0.2,
  loseKey: 0,
  release: 0,
  define: 0,
  raiseLimits: 0,
  archive: 0,
  forgetPositions: 0,
  deploy: 0,
  strangers: 0,
  visitorGoals: 0,
};

/** One more of each kind than those that are no strangers have. */
const NARROW: Limits = { namespaces: 3, experiments: 3, variants: 3, goals: 3, segments: 4, visitorGoals: 3 };

const ACCIDENTS: Accident[] = ['throw before', 'throw after', 'crash before', 'crash after', 'throttle'];
/** Operators' clocks are right, a little less wrong than deletions allow for, or minutes ahead or behind. */
const SKEWS_MS = [0, 90, -90, 600_000, -600_000];
const LOSABLE = ['watermarks', 'watermarks', 'watermarks of a replay', 'pointer'] as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A schedule from a seed; no two seeds have the same weather. */
export function generateSchedule(seed: number, weather: Partial<Weather> = {}): Schedule {
  const random = createRandom(seed);
  const moods: Partial<Weather>[] = [
    {},
    { accident: 12 },
    { rollBack: 5, snapshot: 10 },
    { replay: 2, rollBack: 0.5 },
    { reshard: 3, rollBack: 3, snapshot: 8 },
    { rollBack: 0, wipe: 0, accident: 2, replay: 1.5 },
    { deliver: 12, run: 70 },
    { delete: 1.5, replay: 1 },
  ];
  const shards = 1 + random.below(3);
  const mood = { ...FAIR, ...random.pick(moods), ...weather };
  const traffic = createTraffic(random, mood);
  const steps = generateSteps(random, mood, traffic.request);
  return { seed, shards, steps, ...(mood.strangers > 0 && { limits: NARROW }) };
}

/** Strangers send names: where nothing but their limits stops them, and where places are given back or added. */
export function generateStrangeSchedule(seed: number, weather: Partial<Weather> = {}): Schedule {
  const changing = { release: 1, delete: 1.5, define: 0.5, raiseLimits: 0.5 };
  return generateSchedule(seed, { strangers: 0.4, ...(seed % 20 < 10 && changing), ...weather });
}

/**
 * Visitors' goals come into several shards, whose consumers are often between reading and writing. Nothing is counted
 * again: other shards' events might then come first.
 */
export function generateAstraySchedule(seed: number): Schedule {
  const calm = { rollBack: 0, wipe: 0, replay: 0, reshard: 0, delete: 0 };
  const { steps, ...schedule } = generateSchedule(seed, { ...calm, putAstray: 25, put: 15, deliver: 30, run: 60 });
  const exposures = strayExposures.map((event): Step => ({ do: 'put astray', events: [event], key: event.uuid }));
  return { ...schedule, shards: 3, steps: [...exposures, { do: 'settle' }, ...steps] };
}

/** Single keys of Redis are lost, as by a server that evicts some. */
export function generateEvictingSchedule(seed: number, weather: Partial<Weather> = {}): Schedule {
  return generateSchedule(seed, { loseKey: 0.8, replay: 0.8, ...weather });
}

/**
 * Copies that come around the end of the window of 30 days, and are processed when it is over: one is still a copy, one
 * is a new event, and both may be in one batch.
 */
export function generateLongSchedule(seed: number, weather: Partial<Weather> = {}): Schedule {
  const random = createRandom(seed);
  const traffic = createTraffic(random, weather);
  const mood = { ...FAIR, replay: 0, delete: 0, pass: 0, wipe: 0 };
  const steps = generateSteps(random, { ...mood, events: 40 }, traffic.request);
  const old = [...traffic.sent];
  const resend = (): Step[] => old.filter(() => random.chance(0.4)).map((event) => put(random, [event]));
  return {
    seed,
    shards: 1 + random.below(2),
    steps: [
      ...steps,
      { do: 'settle' },
      { do: 'pass', ms: 29.9 * DAY_MS },
      { do: 'trim' },
      ...resend(),
      { do: 'pass', ms: 0.3 * DAY_MS },
      ...resend(),
      { do: 'pass', ms: DAY_MS },
      ...generateSteps(random, { ...mood, events: 30 }, traffic.request),
    ],
  };
}

/**
 * Nothing is delivered for longer than the stream keeps records: some shards lose what waited in them, others had no
 * traffic. Nothing else goes wrong.
 */
export function generateOutageSchedule(seed: number): Schedule {
  const random = createRandom(seed);
  const traffic = createTraffic(random);
  const shards = 1 + random.below(3);
  const some = (most: number): Step[] =>
    Array.from({ length: random.below(most) }, () => put(random, traffic.request(1 + random.below(4), 0)));
  const steps = [...some(12), put(random, traffic.request(2, 0)), ...settled, ...some(4), ...settled, ...some(5)];
  return { seed, shards, steps: [...steps, { do: 'outage' }, ...some(12), ...settled] };
}

const settled: Step[] = [{ do: 'settle' }];

/**
 * An event log beside the stream, which forgets twice: before and after the archiver has seen everything. Archivers that
 * stand still go on in a later part.
 */
export function generateLoggedSchedule(seed: number, weather: Partial<Weather> = {}): Schedule {
  const random = createRandom(seed);
  const traffic = createTraffic(random, weather);
  const logged = { archive: 14, forgetPositions: 0.6, replay: 0.8, reshard: 1.2, wipe: 0.4, delete: 0.5 };
  const mood = { ...FAIR, ...logged, ...weather };
  const steps = (events: number) => generateSteps(random, { ...mood, events }, traffic.request);
  const growOld = (): Step => ({
    ...({ do: 'grow old', archived: random.chance(0.7) } as const),
    ms: random.chance(0.5) ? 8 * DAY_MS : 6.5 * DAY_MS,
  });
  return {
    seed,
    log: true,
    shards: 1 + random.below(3),
    steps: [...steps(40), growOld(), ...steps(30), growOld(), ...steps(30)],
  };
}

function generateSteps(
  random: Random,
  weather: Weather,
  request: (size: number, copies: number) => StreamEvent[],
): Step[] {
  const steps: Step[] = [];
  let tasks = 0;
  let snapshots = 0;
  /** Mostly the newest task, and now and then one that was forgotten. */
  const someTask = () => Math.max(1, tasks - random.below(random.chance(0.8) ? 4 : 20));
  const makers: Record<StepKind, () => Step> = {
    put: () => put(random, request(1 + random.below(random.chance(0.2) ? 12 : 4), 0.3)),
    putAstray: () => ({ do: 'put astray', events: [strayGoal(random)], key: `k${random.below(1_000)}` }),
    garbage: () => ({ do: 'put garbage', key: `k${random.below(1_000)}` }),
    deliver: () => ({
      do: 'deliver',
      name: (tasks += 1),
      shard: random.next(),
      size: 1 + random.below(12),
      back: random.chance(0.15) ? 1 + random.below(8) : 0,
      hurry: random.chance(0.06) ? 1 + random.below(4) : 0,
    }),
    run: () => ({ do: 'run', task: someTask(), calls: random.chance(0.4) ? 100 : 1 + random.below(9) }),
    accident: () => ({ do: 'run', task: someTask(), calls: 1 + random.below(9), accident: random.pick(ACCIDENTS) }),
    heal: () => ({ do: 'heal', name: (tasks += 1) }),
    replay: () => ({
      do: 'replay',
      name: (tasks += 1),
      dryRun: random.chance(0.2),
      resume: random.chance(0.3),
      acceptLoss: false,
    }),
    reshard: () => ({ do: random.chance(0.6) ? 'split' : 'merge', shard: random.next() }),
    delete: () => ({
      do: 'delete',
      name: (tasks += 1),
      experiment: random.next(),
      clockMs: SKEWS_MS[tasks % SKEWS_MS.length] ?? 0,
    }),
    pass: () => ({ do: 'pass', ms: random.chance(0.3) ? HOUR_MS + random.below(5 * HOUR_MS) : random.below(40_000) }),
    snapshot: () => ({ do: 'snapshot', name: (snapshots += 1) }),
    rollBack: () => ({ do: 'roll back', to: Math.max(1, snapshots - random.below(10)) }),
    wipe: () => ({ do: 'wipe' }),
    release: () => ({ do: 'release', experiment: random.next() }),
    define: () => ({ do: 'define', experiment: strangeName(random) }),
    raiseLimits: () => ({ do: 'raise limits' }),
    archive: () => ({ do: 'archive', name: (tasks += 1) }),
    forgetPositions: () => ({ do: 'forget positions' }),
    deploy: () => ({ do: 'deploy', newestRecord: random.chance(0.5) ? 1 : VERSIONS.record }),
    loseKey: () => ({ do: 'lose key', key: random.pick(LOSABLE) }),
  };
  const kinds = Object.keys(makers) as StepKind[];
  const total = kinds.reduce((sum, kind) => sum + weather[kind], 0);

  for (let made = 0; made < weather.events;) {
    let point = random.next() * total;
    const kind = kinds.find((candidate) => (point -= weather[candidate]) < 0) ?? 'put';
    const step = makers[kind]();
    steps.push(step);
    if ('events' in step) made += step.events.length;
  }
  return steps;
}

function put(random: Random, events: StreamEvent[]): Step {
  return { do: 'put', events, key: `k${random.below(1_000)}`, twice: random.chance(0.1) };
}

/**
 * Of twenty seeds two are long schedules, four are of strangers, two have an event log, one has an outage, one stray
 * visitors, one loses keys of Redis, in one releases take turns that know different versions of records. In two of three there are goals that name no experiment.
 */
export function scheduleOf(seed: number): Schedule {
  const weather = { visitorGoals: seed % 3 === 0 ? 0 : 0.25 };
  const digit = seed % 10;
  if (digit === 0) return generateLongSchedule(seed, weather);
  if (seed % 20 === 1) return generateAstraySchedule(seed);
  if (seed % 20 === 2) return generateSchedule(seed, { visitorGoals: 0.4, deploy: 3 });
  if (seed % 20 === 5) return generateOutageSchedule(seed);
  if (seed % 20 === 9) return generateEvictingSchedule(seed, weather);
  if (digit === 3 || digit === 7) return generateStrangeSchedule(seed, weather);
  return digit === 4 ? generateLoggedSchedule(seed, weather) : generateSchedule(seed, weather);
}
