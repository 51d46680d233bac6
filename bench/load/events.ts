import type { RejectionCode, TrackedEvent } from '../../shared/contract/event.ts';
import type { Random } from './random.ts';

/** An event as a client sends it: without a namespace, the default one is meant. */
export type SentEvent = Omit<TrackedEvent, 'namespace'> & { namespace?: string };

/** Something that is no event, and the reason that has to be given for it. */
export interface BadEvent {
  code: RejectionCode;
  candidate: unknown;
}

interface Experiment {
  namespace: string | undefined;
  name: string;
  variants: [string, ...string[]];
  goals: [string, ...string[]];
}

const ODD_WORDS = [
  'a/b test',
  'x & y',
  'one+one',
  '100%',
  'say "hi"',
  "it's",
  'q?',
  '#1',
  'k=v',
  'ns:exp@0',
  'ניסוי',
  '🍋',
  '..',
] as const;
const PLATFORMS = ['ios', 'android', 'web', 'a=b', 'טלפון'] as const;
const EXPERIMENTS = 12;

/** Draws events of a dozen experiments in four namespaces; `tag` is part of every experiment's name. */
export function createEvents(random: Random, tag: string) {
  const name = (kind: string) => `${random.pick(ODD_WORDS)} ${kind}`;
  const experiments = Array.from({ length: EXPERIMENTS }, (_, index): Experiment => ({
    namespace: [undefined, 'alephbet', '', `load ${tag}`][index % 4],
    name: `${name('exp')} ${index} ${tag}`,
    variants: [name('red'), name('green'), name('blue')],
    goals: ['participate', 'participate', name('click'), name('buy')],
  })) as [Experiment, ...Experiment[]];
  let previous: SentEvent | undefined;

  function fresh(): SentEvent {
    const { namespace, name: experiment, variants, goals } = random.pick(experiments);
    const event: SentEvent = {
      ...(namespace !== undefined && { namespace }),
      experiment,
      variant: random.pick(variants),
      event: random.pick(goals),
      uuid: random.hex(32),
    };
    if (random.next() < 0.5) event.unit = `unit ${random.below(5_000)}`;
    if (random.next() < 0.3) event.value = Math.round(random.next() * 10_000) / 100;
    if (random.next() < 0.4) {
      event.segments = { platform: random.pick(PLATFORMS), visitor: random.pick(['new', 'old']) };
    }
    return event;
  }

  return {
    /** One that has not been before; its uuid may have been, with another goal, as Alephbet's Gimel adapter sends it. */
    fresh(): SentEvent {
      const event = fresh();
      if (previous && random.next() < 0.1) {
        const { uuid, ...others } = previous;
        previous = undefined;
        return { ...others, uuid, event: `${others.event} again` };
      }
      previous = event;
      return event;
    },

    /** @param byQuery whether it has to be one that a query can write */
    bad(byQuery: boolean): BadEvent {
      const event = fresh();
      const codes = byQuery ? CODES_BY_QUERY : CODES;
      const code = random.pick(codes);
      return { code, candidate: spoilers[code](event) };
    },
  };
}

const CODES_BY_QUERY = [
  'missing_property',
  'wrong_length',
  'bad_characters',
  'unusable_unit',
] as const satisfies RejectionCode[];

const CODES = [...CODES_BY_QUERY, 'not_an_object', 'wrong_type'] as const satisfies RejectionCode[];

const spoilers: Record<(typeof CODES)[number], (event: SentEvent) => unknown> = {
  not_an_object: ({ uuid }) => uuid.length,
  missing_property: (event) => ({ ...event, uuid: undefined }), // JSON leaves it out
  wrong_type: (event) => ({ ...event, variant: 7 }),
  wrong_length: (event) => ({ ...event, variant: 'v'.repeat(257) }),
  bad_characters: (event) => ({ ...event, variant: 'bell \u0007 rings' }),
  unusable_unit: (event) => ({ ...event, unit: 'undefined' }),
};
