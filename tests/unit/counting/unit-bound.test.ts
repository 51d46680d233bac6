import { describe, expect, test } from '@jest/globals';
import type { Admit } from '../../../shared/counting/limits/admit.ts';
import type { CountableEvent } from '../../../shared/counting/decode.ts';
import { boundUnits } from '../../../shared/counting/limits/unit-bound.ts';
import { anEvent } from '../../support/counting/events.ts';
import { admitAll } from '../../support/counting/memory-names.ts';

const HOUR_MS = 3_600_000;
const all = admitAll;

let ids = 0;
function visit(
  unit: string | undefined,
  changes: { id?: string; at?: number; namespace?: string } = {},
): CountableEvent {
  const { id = `${(ids += 1)}`, at = 0, namespace = 'alephbet' } = changes;
  const event = anEvent({ namespace, ...(unit !== undefined && { unit }) });
  return { event, incarnation: 0, claim: { id: Buffer.from(id), owner: '', at } };
}

const visits = (many: number, unit = 'ann') => Array.from({ length: many }, () => visit(unit));

/** How many of these events are refused. */
const refusedBy = async (admit: Admit, events: readonly CountableEvent[]) => (await admit(events)).refused.size;

describe('the bound of events of a unit', () => {
  test('holds over batches, for each unit of each namespace', async () => {
    const admit = boundUnits(all, 10);
    expect(await refusedBy(admit, visits(7))).toBe(0);
    expect(await refusedBy(admit, [...visits(7), ...visits(10, 'bob'), visit('ann', { namespace: 'other' })])).toBe(4);
  });

  test('begins anew with each hour of receipt', async () => {
    const admit = boundUnits(all, 1);
    expect(await refusedBy(admit, [visit('ann', { at: HOUR_MS - 1 }), visit('ann', { at: HOUR_MS })])).toBe(0);
    expect(await refusedBy(admit, [visit('ann', { at: 2 * HOUR_MS - 1 })])).toBe(1);
  });

  test('counts an event once, however often it comes, and none without a unit', async () => {
    const admit = boundUnits(all, 2);
    const same = visit('ann', { id: 'same' });
    expect(await refusedBy(admit, [same, same, visit('ann'), same])).toBe(0);
    expect(await refusedBy(admit, [visit('ann'), same])).toBe(1);
    expect(
      await refusedBy(
        admit,
        Array.from({ length: 9 }, () => visit(undefined)),
      ),
    ).toBe(0);
  });

  test('is not used up by what is refused for its names, and leaves that reason', async () => {
    const strange = visits(5);
    const refusal = { code: 'too_many_goals', reason: '' } as const;
    const admit = boundUnits((events) => {
      const refused = new Map(events.filter((one) => strange.includes(one)).map((one) => [one, refusal]));
      return Promise.resolve({ refused, overflow: new Map() });
    }, 2);
    const { refused } = await admit([...strange, ...visits(3)]);
    expect([...refused.values()].map(({ code }) => code).sort()).toEqual([
      'too_many_events_of_unit',
      ...strange.map(() => 'too_many_goals'),
    ]);
  });

  test('forgets those that were quiet longest, where there are too many: more may count, never fewer', async () => {
    const admit = boundUnits(all, 3, 8);
    await admit([...visits(3, 'ann'), ...visits(3, 'bob')]);
    expect(await refusedBy(admit, visits(1, 'ann'))).toBe(1); // ann was the last that came
    await admit(visits(3, 'cid'));
    expect(await refusedBy(admit, visits(1, 'ann'))).toBe(1);
    expect(await refusedBy(admit, visits(3, 'bob'))).toBe(0);
  });

  test('is none where it is 0', () => {
    expect(boundUnits(all, 0)).toBe(all);
  });
});
