import { describe, expect, test } from '@jest/globals';
import { summarizeQuarantine } from '../../../cli/commands/operate/quarantine.ts';
import { printable } from '../../../cli/output/table.ts';
import type { QuarantineEntry } from '../../../shared/counting/ports.ts';

async function* entries(...made: Partial<QuarantineEntry>[]): AsyncIterable<QuarantineEntry> {
  for (const entry of made) {
    await Promise.resolve();
    yield {
      place: 'stream/shard/1',
      code: 'unreadable',
      reason: '',
      events: 0,
      at: 0,
      data: new Uint8Array(),
      ...entry,
    };
  }
}

describe('what is in quarantine', () => {
  test('is counted by reason, the most frequent first, with the newest as an example', async () => {
    const many = entries(
      { code: 'unreadable', at: 4, reason: 'not JSON' },
      { code: 'too_many_goals', at: 2, events: 3, reason: 'older' },
      { code: 'too_many_goals', at: 9, events: 2, reason: 'newest' },
      { code: 'too_many_goals', at: 1, events: 1, reason: 'oldest' },
    );
    const { newest, ...summary } = await summarizeQuarantine(many, 2);
    expect(summary).toEqual({
      records: 4,
      events: 6,
      reasons: [
        { code: 'too_many_goals', records: 3, events: 6, example: 'newest' },
        { code: 'unreadable', records: 1, events: 0, example: 'not JSON' },
      ],
    });
    expect(newest.map(({ at }) => at)).toEqual([9, 4]);
  });

  test('is not kept in memory, however much there is', async () => {
    const times = Array.from({ length: 5_000 }, (_, i) => ({ at: (i * 7_919) % 5_000 }));
    const { records, newest } = await summarizeQuarantine(entries(...times), 3);
    expect(records).toBe(5_000);
    expect(newest.map(({ at }) => at)).toEqual([4_999, 4_998, 4_997]);
  });

  test('is nothing at first', async () => {
    expect(await summarizeQuarantine(entries(), 3)).toEqual({ records: 0, events: 0, reasons: [], newest: [] });
  });
});

test('a name cannot move the cursor, begin a line or turn what follows around', () => {
  expect(printable('a\u001b[2J\n\u009bb\u2028\u2029\u202ec\u2066')).toBe(
    'a\ufffd[2J\ufffd\ufffdb\ufffd\ufffd\ufffdc\ufffd',
  );
  expect(printable('é 😀 שלום')).toBe('é 😀 שלום');
});
