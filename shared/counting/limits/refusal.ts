import type { StreamEvent } from '../../contract/event.ts';
import type { Limits } from '../../contract/limits.ts';
import type { NeededName } from './names.ts';

type RefusedKind = NeededName['kind'];

/** Why an event may not count. */
export interface Refusal {
  code: RefusalCode;
  /** What was expected and what came, and what to do. */
  reason: string;
}

export type RefusalCode =
  `too_many_${RefusedKind}` | 'too_many_events_of_unit' | `undefined_${'experiments' | 'variants' | 'goals'}`;

/** What is shown of a name; it may be 256 characters long. */
const SHOWN = 60;

const NOUNS: Partial<Record<RefusedKind, string>> = {
  visitorGoals: 'goals without experiment',
};

export function beyondLimit(kind: RefusedKind, event: StreamEvent, limits: Limits): Refusal {
  const limit = limits[kind].toLocaleString('en');
  const noun = NOUNS[kind] ?? kind;
  return {
    code: `too_many_${kind}`,
    reason: `${placeOf(kind, event)} is beyond the limit of ${limit} ${noun}: ${cureOf(kind)}`,
  };
}

/** @param most events of a unit in an hour */
export function beyondUnitBound({ namespace }: StreamEvent, most: number): Refusal {
  const reason =
    `expected at most ${most.toLocaleString('en')} events of a unit in an hour (eventLimits.perHourByUnit), got more in ` +
    `namespace ${quote(namespace)}: made-up events, a crawler, or one unit for several visitors; raise it if they are right`;
  return { code: 'too_many_events_of_unit', reason };
}

export function notDefined(kind: 'experiments' | 'variants' | 'goals', event: StreamEvent): Refusal {
  const place = placeOf(kind, event);
  if (event.experiment === undefined) {
    return {
      code: `undefined_${kind}`,
      reason: `${place} is in no definition, and countOnlyDefined is set: add it to one of the namespace`,
    };
  }
  const reason =
    kind === 'experiments'
      ? `${place} has no definition, and countOnlyDefined is set: define it (mem experiments apply)`
      : `${place} is not in its definition, and countOnlyDefined is set: add it there`;
  return { code: `undefined_${kind}`, reason };
}

function placeOf(kind: RefusedKind, { namespace, experiment, variant = '', event }: StreamEvent): string {
  const inNamespace = `namespace ${quote(namespace)}`;
  if (kind === 'namespaces') return inNamespace;
  const whole = experiment === undefined ? inNamespace : `experiment ${quote(experiment)} of ${inNamespace}`;
  switch (kind) {
    case 'experiments':
      return whole;
    case 'variants':
      return `variant ${quote(variant)} of ${whole}`;
    case 'goals':
    case 'visitorGoals':
      return `goal ${quote(event)} of ${whole}`;
  }
}

function cureOf(kind: RefusedKind): string {
  const raise = `raise limits.${kind}`;
  if (kind === 'visitorGoals') return `${raise}, or name it in the definition of an experiment there`;
  if (kind === 'variants' || kind === 'goals') return `${raise}, or name it in the definition of the experiment`;
  return `${raise}, delete experiments, or define this one (mem experiments apply)`;
}

function quote(name: string): string {
  const characters = Array.from(name);
  return JSON.stringify(characters.length > SHOWN ? `${characters.slice(0, SHOWN).join('')}…` : name);
}
