import type { CountableEvent } from '../decode.ts';
import { experimentName } from '../../contract/experiment-id.ts';
import type { Admit } from './admit.ts';
import { beyondUnitBound, type Refusal } from './refusal.ts';

const HOUR_MS = 3_600_000;
/** About 100 bytes each. */
const REMEMBERED = 200_000;

/**
 * Lets only so many events of one visitor count in an hour of receipt. An event that is refused is claimed for nobody, as
 * one with too many names is: so a replay, and whoever else counts the record, decide as was decided first.
 *
 * What is remembered is the process's own. A shard has one process at a time, and a visitor one shard; a new process
 * begins at none, so that more may count, never fewer. Events are known by their ids: those of a batch that is delivered
 * again, and copies, use up nothing.
 * @param most events of a unit in an hour; 0 for no bound
 * @param remembered so many events are kept in mind; those of visitors that were quiet longest are forgotten first
 */
export function boundUnits(admit: Admit, most: number, remembered = REMEMBERED): Admit {
  if (most === 0) return admit;
  const memory = createMemory(remembered);
  return async (events) => {
    const { refused: others, overflow } = await admit(events);
    const refused = new Map<CountableEvent, Refusal>(others);
    for (const one of events) {
      if (one.event.unit === undefined || refused.has(one)) continue;
      if (!memory.take(keyOf(one), idOf(one), most)) refused.set(one, beyondUnitBound(one.event, most));
    }
    return { refused, overflow };
  };
}

function keyOf({ event, claim }: CountableEvent): string {
  return `${Math.floor(claim.at / HOUR_MS)}:${experimentName(event.namespace, event.unit ?? '')}`;
}

function idOf({ claim }: CountableEvent): string {
  return Buffer.from(claim.id).toString('latin1');
}

interface Memory {
  /** Whether an event is one of the first `most` of its unit. */
  take: (unit: string, id: string, most: number) => boolean;
}

function createMemory(remembered: number): Memory {
  const units = new Map<string, Set<string>>();
  let events = 0;

  /** A Map keeps the order in which its keys were added: the first is the one that was quiet longest. */
  function forget(): void {
    for (const [unit, ids] of units) {
      if (events <= remembered) return;
      units.delete(unit);
      events -= ids.size;
    }
  }

  return {
    take(unit, id, most) {
      const ids = units.get(unit) ?? new Set();
      units.delete(unit);
      units.set(unit, ids);
      if (ids.has(id)) return true;
      if (ids.size >= most) return false;
      ids.add(id);
      events += 1;
      forget();
      return true;
    },
  };
}
