import type { Redis } from 'ioredis';
import { disturbCalls, mischiefs } from './enumerate.ts';
import {
  generateAstraySchedule,
  generateLoggedSchedule,
  generateLongSchedule,
  generateOutageSchedule,
  generateSchedule,
} from './generate.ts';
import type { Enumerated, Rule, Weathered } from '../rules/rules.ts';
import { runSchedule, type Verdict } from './run-schedule.ts';
import type { Schedule } from './schedule.ts';
import { scenarios } from './scenarios.ts';

export interface Failure {
  /** `seed 3`, or which call of which scenario was disturbed. */
  where: string;
  verdict: Verdict;
}

const AT_ONCE = 4;
/** A scenario has dozens of calls, and one that shows the difference is enough. */
const PARTS = 4;

/** Takes a rule out, and runs schedules until one of them fails; undefined where none of so many does. */
export function findFailure(rule: Rule, schedules: number, redis: Redis): Promise<Failure | undefined> {
  const { shownBy } = rule;
  return 'weather' in shownBy ? findBySeed(rule, shownBy, schedules, redis) : findByCall(rule, shownBy, redis);
}

async function findBySeed(
  rule: Rule,
  { weather, seed: first }: Weathered,
  schedules: number,
  redis: Redis,
): Promise<Failure | undefined> {
  for (let tried = 0; tried < schedules; tried += AT_ONCE) {
    const seeds = Array.from({ length: Math.min(AT_ONCE, schedules - tried) }, (_, index) => first + tried + index);
    const found = await Promise.all(
      seeds.map(async (seed) => {
        const schedule = generate(weather, seed);
        return { where: `seed ${seed}`, verdict: await runSchedule(schedule, redis, rule.breakIt()) };
      }),
    );
    const failure = found.find(({ verdict }) => isFailure(rule, verdict));
    if (failure) return failure;
  }
  return undefined;
}

function generate(weather: Weathered['weather'], seed: number): Schedule {
  if (weather === 'long') return generateLongSchedule(seed);
  if (weather === 'long with visitor goals') return generateLongSchedule(seed, { visitorGoals: 0.5 });
  if (weather === 'log') return generateLoggedSchedule(seed);
  if (weather === 'astray') return generateAstraySchedule(seed);
  return weather === 'outage' ? generateOutageSchedule(seed) : generateSchedule(seed, weather);
}

async function findByCall(rule: Rule, shownBy: Enumerated, redis: Redis): Promise<Failure | undefined> {
  const scenario = scenarios.find(({ name }) => name === shownBy.scenario);
  const mischief = mischiefs.find(({ name }) => name === shownBy.mischief);
  if (!scenario || !mischief) throw new Error(`no such scenario and mischief: ${JSON.stringify(shownBy)}`);
  for (let part = 0; part < PARTS; part += 1) {
    const isChosen = (call: number) => call % PARTS === part;
    const disturbed = await disturbCalls(scenario, mischief, redis, { breakIt: rule.breakIt, isChosen });
    const first = disturbed.find(({ verdict }) => isFailure(rule, verdict));
    if (first) return { where: `${scenario.name}; ${mischief.name}: call ${first.call}`, verdict: first.verdict };
  }
  return undefined;
}

/** Wrong counters in the end; a law broken on the way is enough only for a rule that is about nothing else. */
function isFailure({ keepsCounters }: Rule, { result }: Verdict): boolean {
  return result === 'broken' ? keepsCounters === true : result !== 'exact';
}
