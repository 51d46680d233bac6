import { EXPOSURE, type TrackedEvent } from '../../../shared/contract/event.ts';
import type { Random } from '../../chaos/schedules/random.ts';

const EXPERIMENTS = ['checkout', 'price: new?', 'a:b@c'];
const VARIANTS = ['red', 'b:lue', 'é %3A'];
const GOALS = ['buy', 'sign: up', '1', '__proto__'];
const SEGMENTS = [{ platform: 'ios' }, { platform: 'and:roid', visitor: 'new' }, { 'a.b': '=' }];

/** Repeats, crossovers, goals before exposures, several experiments, names that have to be encoded. */
export function randomStream(random: Random): TrackedEvent[] {
  const crossing = random.chance(0.3) ? 0.3 : 0.05;
  return Array.from({ length: 1 + random.below(60) }, (_, index): TrackedEvent => {
    const visitor = random.below(6);
    const isExposure = random.chance(0.4);
    return {
      namespace: random.pick(['alephbet', '']),
      experiment: random.pick(EXPERIMENTS),
      variant: VARIANTS[random.chance(crossing) ? random.below(3) : visitor % 3] ?? '',
      event: isExposure ? EXPOSURE : random.pick(GOALS),
      uuid: `${index}`,
      unit: `visitor ${visitor}`,
      ...(!isExposure && random.chance(0.7) && { value: (random.next() - 0.3) * 10 ** random.below(9) }),
      ...(random.chance(0.4) && { segments: random.pick(SEGMENTS) }),
    };
  });
}

export function cut(stream: readonly TrackedEvent[], random: Random): TrackedEvent[][] {
  const slices: TrackedEvent[][] = [];
  for (let first = 0; first < stream.length;) {
    const length = 1 + random.below(20);
    slices.push(stream.slice(first, first + length));
    first += length;
  }
  return slices;
}
