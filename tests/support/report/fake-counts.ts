import type { DayCount } from '../../../shared/counting/counters.ts';
import type { Definition } from '../../../shared/contract/definition.ts';
import { EXPOSURE } from '../../../shared/contract/event.ts';
import type { ImportedCounts } from '../../../shared/stores/dynamodb/imports.ts';
import type { Span, StoredTally } from '../../../shared/stores/redis/tally-reader.ts';

export interface GoalPlan {
  /** Share of participants that convert, by variant. */
  rates: Record<string, number>;
  /** How often a converted visitor does it, 1 unless given; and what each time is worth. */
  times?: number;
  value?: number;
}

/** What has been counted of an experiment, in a few words. */
export interface CountPlan {
  namespace?: string;
  name: string;
  /** variant -> participants in all */
  participants: Record<string, number>;
  goals?: Record<string, GoalPlan>;
  /** Shares of visitors: `platform=ios` -> 0.4 */
  segments?: Record<string, number>;
  /** Whether events carry a unit; and which share of visitors was seen in two variants. */
  units?: { crossovers: number };
  days: number;
  /** ms since 1970; now unless given */
  lastEvent?: number;
  definition?: Definition;
  /** Of the definition, ms since 1970. */
  writtenAt?: number;
  /** What another system had counted. */
  imported?: ImportedCounts;
  faults?: { path: string; message: string }[];
}

export interface FakeCounts {
  tally: StoredTally;
  days: DayCount[];
  span: Span | undefined;
}

const DAY_MS = 86_400_000;

/** Makes the stored hashes of a plan. No chance in it: the same plan gives the same counts. */
export function fakeCounts(plan: CountPlan, now: number): FakeCounts {
  const counts: Record<string, string> = {};
  const moments: Record<string, string> = {};
  for (const [variant, participants] of Object.entries(plan.participants)) {
    for (const [segment, share] of [['', 1] as const, ...Object.entries(plan.segments ?? {})]) {
      const units = Math.round(participants * share);
      // Segments differ a little, as they do.
      const tilt = segment === '' ? 1 : 0.85 + 0.4 * share;
      counts[fieldOf(variant, EXPOSURE, segment)] = String(units);
      if (plan.units) {
        moments[fieldOf(variant, '', segment)] = `${units} ${Math.round(units * plan.units.crossovers)}`;
      }
      for (const [goal, { rates, times = 1, value = 0 }] of Object.entries(plan.goals ?? {})) {
        const converted = Math.round(units * (rates[variant] ?? 0) * tilt);
        const count = Math.round(converted * times);
        if (count === 0) continue;
        counts[fieldOf(variant, goal, segment)] = String(count);
        if (!plan.units) continue;
        const squares = converted * times * times * 1.2;
        moments[fieldOf(variant, goal, segment)] =
          `${converted} ${count} ${Math.round(squares)} ${(count * value).toFixed(2)} ${(squares * value * value).toFixed(2)}`;
      }
    }
  }
  const labels = Object.fromEntries(Object.keys(plan.segments ?? {}).map((label) => [encodeURIComponent(label), '1']));
  const last = plan.lastEvent ?? now - 60_000;
  const anything = Object.keys(counts).length > 0;
  return {
    tally: { counts, moments, labels: anything ? labels : {} },
    days: fakeDays(plan, last),
    span: anything ? { first: last - (plan.days - 1) * DAY_MS - 7_200_000, last } : undefined,
  };
}

/** Spreads the counts over the days, with weekends. */
function fakeDays({ participants, goals = {}, days }: CountPlan, last: number): DayCount[] {
  const weights = Array.from({ length: days }, (_, day) => 1 + 0.35 * Math.sin(day * 0.9) + 0.08 * ((day * 7) % 5));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const spread = (whole: number, day: number) => {
    const before = weights.slice(0, day).reduce((sum, weight) => sum + weight, 0);
    return Math.round((whole * (before + (weights[day] ?? 0))) / total) - Math.round((whole * before) / total);
  };
  return weights.flatMap((_, index) => {
    const day = new Date(last - (days - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return Object.entries(participants).flatMap(([variant, whole]) => [
      { day, variant, event: EXPOSURE, count: spread(whole, index) },
      ...Object.entries(goals).map(([event, { rates, times = 1 }]) => {
        return {
          day,
          variant,
          event,
          count: spread(Math.round(Math.round(whole * (rates[variant] ?? 0)) * times), index),
        };
      }),
    ]);
  });
}

function fieldOf(variant: string, event: string, segment: string): string {
  const parts = segment === '' ? [variant, event] : [variant, event, segment];
  return parts.map(encodeURIComponent).join(':');
}
