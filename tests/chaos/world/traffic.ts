import { EXPOSURE, type StreamEvent, type TrackedEvent, type VisitorGoal } from '../../../shared/contract/event.ts';
import type { Random } from '../schedules/random.ts';

export const EXPERIMENTS = [
  { namespace: 'alephbet', experiment: 'checkout' },
  { namespace: 'alephbet', experiment: 'price: new?' },
  { namespace: '', experiment: 'hero' },
] as const;

const GOALS = ['buy', 'sign up'] as const;
const SEGMENTS = [{ platform: 'ios' }, { platform: 'android', visitor: 'new' }, { visitor: 'new' }] as const;
const UNITS = 14;
/** Few, so that several shards meet them at once. */
const STRAYS = 5;
/** How many different names of a kind strangers send. */
const STRANGE_NAMES = 6;

/** Visitors who see one variant of everything: in whatever order their goals are counted now, the sums are the same. */
export const strayExposures: readonly TrackedEvent[] = Array.from({ length: STRAYS }, (_, visitor) =>
  EXPERIMENTS.map((experiment) => ({
    ...experiment,
    variant: visitor % 2 === 0 ? 'A' : 'B',
    event: EXPOSURE,
    uuid: `astray-${visitor}`,
    unit: `astray-${visitor}`,
  })),
).flat();

export function strayGoal(random: Random): TrackedEvent {
  return { ...random.pick(strayExposures), event: random.pick(GOALS), uuid: `a${random.below(1_000_000)}` };
}

export function strangeName(random: Random): string {
  return `strange ${random.below(STRANGE_NAMES)}`;
}

/**
 * Makes events that are hard to count: crossovers, goals before exposures, one uuid for several goals, resends.
 * @param weather `strangers`: how likely an event has a name that nobody asked for; `visitorGoals`: how likely a
 *   visitor's goal names no experiment
 */
export function createTraffic(random: Random, weather: { strangers?: number; visitorGoals?: number } = {}) {
  const { strangers = 0, visitorGoals = 0 } = weather;
  const sent: StreamEvent[] = [];
  let uuids = 0;

  function newEvent(): TrackedEvent {
    const unit = random.chance(0.75) ? `unit-${random.below(UNITS)}` : undefined;
    const isExposure = random.chance(0.4);
    const last = sent.at(-1);
    const sharesUuid = !isExposure && last?.event !== EXPOSURE && random.chance(0.3);
    return {
      ...random.pick(EXPERIMENTS),
      variant: variantOf(unit),
      event: isExposure ? EXPOSURE : random.pick(GOALS),
      uuid: sharesUuid && last ? last.uuid : `u${(uuids += 1)}`,
      ...(unit !== undefined && { unit }),
      ...(!isExposure && random.chance(0.5) && { value: random.below(9) / 2 }),
      ...(random.chance(0.3) && { segments: random.pick(SEGMENTS) }),
    };
  }

  function anyEvent(): StreamEvent {
    const event = newEvent();
    const isVisitors = visitorGoals > 0 && event.event !== EXPOSURE && random.chance(visitorGoals);
    return isVisitors ? (withoutExperiment(event) ?? event) : event;
  }

  function makeStrange(event: StreamEvent): StreamEvent {
    const strange = strangeName(random);
    if (event.experiment === undefined) {
      return {
        ...event,
        ...random.pick([{ namespace: strange }, { event: strange }, { segments: { platform: strange } }]),
      };
    }
    const changes: Partial<TrackedEvent>[] = [
      { namespace: strange },
      { experiment: strange },
      { variant: strange },
      { event: strange },
      { segments: { platform: strange } },
    ];
    return { ...event, ...random.pick(changes) };
  }

  /** Mostly a unit sees one variant; now and then it crosses over. */
  function variantOf(unit: string | undefined): string {
    if (unit === undefined || random.chance(0.08)) return random.pick(['A', 'B']);
    return unit.length % 2 === 0 ? 'A' : 'B';
  }

  return {
    sent,
    /** The events of one request: new ones, and copies of what was sent before. */
    request: (size: number, copies: number): StreamEvent[] =>
      Array.from({ length: size }, () => {
        const old = sent[random.below(sent.length)];
        // A resend is the same event, and it comes soon: mostly of what was sent last.
        const recent = sent[sent.length - 1 - random.below(Math.min(12, Math.max(1, sent.length)))];
        const copied = random.chance(copies) ? (random.chance(0.7) ? recent : old) : undefined;
        const event = copied ?? (strangers > 0 && random.chance(strangers) ? makeStrange(anyEvent()) : anyEvent());
        if (!copied) sent.push(event);
        return event;
      }),
  };
}

function withoutExperiment({ namespace, event, uuid, unit, value, segments }: TrackedEvent): VisitorGoal | undefined {
  if (unit === undefined) return undefined;
  return { namespace, event, uuid, unit, ...(value !== undefined && { value }), ...(segments && { segments }) };
}
