import { mulberry32 } from './mulberry32.ts';
import type { TrackedEvent } from '../../shared/contract/event.ts';
import { EXPOSURE } from '../../shared/contract/event.ts';

export interface SimulatedVariant {
  name: string;
  weight: number;
}

export interface SimulatedGoal {
  name: string;
  /** The chance of a visitor to reach it, for each variant in order; the last one holds for those that follow. */
  rates: readonly number[];
  /** What it is worth on average; without one its events carry no value. */
  value?: number;
}

export interface SimulatedSegment {
  key: string;
  values: readonly { name: string; weight: number }[];
}

export interface SimulationOptions {
  namespace: string;
  experiment: string;
  visitors: number;
  variants: readonly SimulatedVariant[];
  goals: readonly SimulatedGoal[];
  segments: readonly SimulatedSegment[];
  /** Shares of events that are sent twice, sent long after the others, and refused. */
  duplicates: number;
  late: number;
  bad: number;
  seed: number;
}

/** What must be counted, whatever happens on the way. */
export interface Expected {
  variant: string;
  participants: number;
  goals: { name: string; conversions: number; visitors: number; value: number }[];
}

export interface SimulationPlan {
  /** Requests that are sent one phase after the other: what comes late comes after all exposures. */
  phases: unknown[][][];
  events: number;
  refused: number;
  expected: Expected[];
}

const EVENTS_PER_REQUEST = 100;
const MOST_REPEATS = 3;

/** Draws visitors and what they do. The same options give the same events. */
export function planSimulation(options: SimulationOptions): SimulationPlan {
  const random = mulberry32(options.seed);
  const tally = createTally(options);
  /** Of each visitor. */
  const onTime: unknown[][] = [];
  const later: unknown[][] = [];
  let refused = 0;
  for (let visitor = 0; visitor < options.visitors; visitor += 1) {
    const [soon, late]: [unknown[], unknown[]] = [[], []];
    for (const event of visit(visitor, options, random)) {
      tally.add(event);
      (event.event !== EXPOSURE && random() < options.late ? late : soon).push(event);
      if (random() < options.duplicates) late.push(event);
      if (random() < options.bad) {
        soon.push(spoil(event, random));
        refused += 1;
      }
    }
    onTime.push(soon);
    later.push(late);
  }
  return {
    phases: [inRequests(onTime), inRequests(later)],
    events: onTime.flat().length + later.flat().length,
    refused,
    expected: tally.expected,
  };
}

function visit(visitor: number, options: SimulationOptions, random: () => number): TrackedEvent[] {
  const { namespace, experiment, variants, goals, segments, seed } = options;
  const variant = pick(variants, random);
  const unit = `${seed}-${visitor}`;
  const common = {
    namespace,
    experiment,
    variant: variant.name,
    unit,
    ...(segments.length > 0 && {
      segments: Object.fromEntries(segments.map(({ key, values }) => [key, pick(values, random).name])),
    }),
  };
  const events: TrackedEvent[] = [{ ...common, event: EXPOSURE, uuid: `${unit}-${EXPOSURE}` }];
  for (const goal of goals) {
    const rate = goal.rates[Math.min(variants.indexOf(variant), goal.rates.length - 1)] ?? 0;
    if (random() >= rate) continue;
    // Most reach a goal once: a rate stays a rate unless values say that it is bought again and again.
    const times = goal.value === undefined ? 1 : 1 + Math.floor(random() * MOST_REPEATS);
    for (let time = 0; time < times; time += 1) {
      const value = goal.value === undefined ? {} : { value: Math.round(goal.value * (0.5 + random()) * 100) / 100 };
      events.push({ ...common, event: goal.name, uuid: `${unit}-${goal.name}-${time}`, ...value });
    }
  }
  return events;
}

/** An event that must be rejected at ingest. */
function spoil(event: TrackedEvent, random: () => number): unknown {
  const faults = [{ variant: '' }, { event: null }, { experiment: 7 }, { unit: 'undefined' }];
  return { ...event, uuid: `${event.uuid}-bad`, ...faults[Math.floor(random() * faults.length)] };
}

function pick<T extends { weight: number }>(list: readonly T[], random: () => number): T {
  let left = random() * list.reduce((sum, { weight }) => sum + weight, 0);
  const found = list.find(({ weight }) => (left -= weight) < 0) ?? list[list.length - 1];
  if (!found) throw new Error('expected something to choose from');
  return found;
}

/** What a visitor does stays together: of two requests that are sent at once, the second may arrive first. */
function inRequests(visits: readonly (readonly unknown[])[]): unknown[][] {
  const requests: unknown[][] = [];
  let request: unknown[] = [];
  for (const events of visits) {
    request.push(...events);
    if (request.length < EVENTS_PER_REQUEST) continue;
    requests.push(request);
    request = [];
  }
  return request.length > 0 ? [...requests, request] : requests;
}

function createTally({ variants, goals }: SimulationOptions) {
  const expected: Expected[] = variants.map(({ name }) => ({
    variant: name,
    participants: 0,
    goals: goals.map((goal) => ({ name: goal.name, conversions: 0, visitors: 0, value: 0 })),
  }));
  const reached = new Set<string>();
  return {
    expected,
    add({ variant, event, unit = '', value = 0 }: TrackedEvent) {
      const arm = expected.find((candidate) => candidate.variant === variant);
      if (arm && event === EXPOSURE) arm.participants += 1;
      const goal = arm?.goals.find(({ name }) => name === event);
      if (!goal) return;
      goal.conversions += 1;
      goal.value = Math.round((goal.value + value) * 100) / 100;
      const first = JSON.stringify([unit, event]);
      if (!reached.has(first)) goal.visitors += 1;
      reached.add(first);
    },
  };
}
