import { mapAtOnce } from '../runtime/map-at-once.ts';
import type { Quarantine } from '../stores/dynamodb/quarantine.ts';
import type { Admit } from './admission.ts';
import type { CountableEvent, CountableRecord } from './countable-events.ts';
import type { Refusal, RefusalCode } from './refusal.ts';

export interface RefuseDeps {
  admit: Admit;
  quarantine: Pick<Quarantine, 'put'>;
  /** Told how many events were refused, and why. */
  onRefused: (refused: Partial<Record<RefusalCode, number>>) => void;
}

const RECORDS_AT_ONCE = 32;

/**
 * Finds the events whose names may not count. They are in quarantine before anything is decided about them, so that a
 * crash in between keeps one too many there rather than dropping one: one item for each record, however many events of
 * it are refused.
 * @param shard `stream/shard`
 */
export async function refuseStrangers(
  shard: string,
  records: readonly CountableRecord[],
  { admit, quarantine, onRefused }: RefuseDeps,
): Promise<ReadonlySet<CountableEvent>> {
  const refusals = await admit(records.flatMap(({ events }) => events));
  if (refusals.size === 0) return new Set();

  const touched = records.filter(({ events }) => events.some((event) => refusals.has(event)));
  await mapAtOnce(RECORDS_AT_ONCE, touched, async ({ sequence, events }) => {
    const refused = events.flatMap(({ event, claim: { at } }, index) => {
      const refusal = events[index] && refusals.get(events[index]);
      return refusal ? [{ ...refusal, at, event }] : [];
    });
    const [first] = refused;
    if (!first) return;
    const data = Buffer.from(JSON.stringify(refused));
    await quarantine.put({ shard, sequence, code: first.code, reason: first.reason, events: refused.length, data });
  });
  onRefused(countCodes(refusals.values()));
  return new Set(refusals.keys());
}

function countCodes(refusals: Iterable<Refusal>): Partial<Record<RefusalCode, number>> {
  const counts: Partial<Record<RefusalCode, number>> = {};
  for (const { code } of refusals) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}
