import type { Expected } from './oracle.ts';
import type { RedisBox } from '../world/redis-box.ts';

/** A counter that is not what it has to be. */
export interface Complaint {
  what: string;
  expected: string;
  found: string;
}

/** Compares every counter of a generation with what it has to be. */
export async function compare(
  generation: string,
  expected: ReadonlyMap<string, Expected>,
  { redis, keys }: RedisBox,
): Promise<Complaint[]> {
  const pipeline = redis.pipeline();
  const scratch = keys.uniques('oracle', '', '');
  const pairs = [...expected].flatMap(([id, { uniques }]) =>
    [...uniques].map(([pair, members]) => ({ id, pair, members })),
  );
  for (const id of expected.keys()) {
    for (const keyOf of [keys.counts, keys.segments, keys.days, keys.moments, keys.segmentMoments, keys.labels]) {
      pipeline.hgetall(keyOf(generation, id));
    }
  }
  for (const { id, pair, members } of pairs) {
    pipeline.pfcount(keys.uniques(generation, id, pair));
    pipeline
      .pfadd(scratch, ...members)
      .pfcount(scratch)
      .del(scratch);
  }
  const replies = ((await pipeline.exec()) ?? []).map(([error, value]) => {
    if (error) throw error;
    return value;
  });

  const complaints: Complaint[] = [];
  const check = (what: string, wanted: string, found: string) => {
    if (wanted !== found) complaints.push({ what, expected: wanted, found });
  };
  for (const [id, { counts, days, moments }] of expected) {
    const read = () => Object.entries(replies.shift() as Record<string, string>);
    const found = { counts: [...read(), ...read()], days: read(), moments: [...read(), ...read()], labels: read() };
    for (const [kind, wanted] of Object.entries({ counts, days, moments, labels: labelsOf(counts) })) {
      const fieldsFound = new Map(found[kind as keyof typeof found]);
      const fields = new Set<string>([...wanted.keys(), ...fieldsFound.keys()]);
      for (const field of [...fields].sort()) {
        check(`${id} ${kind} ${field}`, [wanted.get(field) ?? 0].flat().join(' '), fieldsFound.get(field) ?? '0');
      }
    }
  }
  for (const { id, pair } of pairs) {
    const [found, , wanted] = replies.splice(0, 4);
    check(`${id} uniques ${pair}`, String(wanted), String(found));
  }
  return complaints;
}

/** How often each segment was counted, whatever the variant and the event. */
function labelsOf(counts: ReadonlyMap<string, number>): Map<string, number> {
  const labels = new Map<string, number>();
  for (const [field, count] of counts) {
    const [, , label] = field.split(':');
    if (label !== undefined) labels.set(label, (labels.get(label) ?? 0) + count);
  }
  return labels;
}

/** `lost` or `doubled`, from the plain counts; `misfolded` where only what units did is wrong. */
export function judge(complaints: readonly Complaint[]): 'lost' | 'doubled' | 'misfolded' {
  const count = complaints.find(({ what }) => what.includes(' counts '));
  if (!count) return 'misfolded';
  return Number(count.found) < Number(count.expected) ? 'lost' : 'doubled';
}
