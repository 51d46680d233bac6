import { expect, test } from '@jest/globals';
import type { StoredDefinition } from '../../shared/counting/ports.ts';
import { concernedSince } from '../../shared/reporting/conclude.ts';

const HOUR_MS = 3_600_000;
const LOSS = Date.UTC(2026, 10, 20, 1, 36);

const startsOn = (start: string) => ({ definition: { start } }) as StoredDefinition;
const first = (at: number) => ({ first: at, last: at });

test.each([
  ['had events before it', undefined, first(LOSS - HOUR_MS), LOSS],
  ['went on through it: its first event that is left came right after', undefined, first(LOSS + 1), LOSS],
  ['has few events, and may have lost some', undefined, first(LOSS + 23 * HOUR_MS), LOSS],
  ['has no event yet', undefined, undefined, LOSS],
  ['began more than a day later', undefined, first(LOSS + 25 * HOUR_MS), undefined],
  ['is planned to begin on a later day', startsOn('2026-11-21'), first(LOSS + HOUR_MS), undefined],
  ['was planned to begin earlier', startsOn('2026-11-19'), first(LOSS + HOUR_MS), LOSS],
])('whether a loss concerns an experiment that %s', (_, stored, span, expected) => {
  expect(concernedSince(LOSS, stored, span)).toBe(expected);
});

test('where nothing was lost, nothing is concerned', () => {
  expect(concernedSince(undefined, undefined, first(LOSS))).toBeUndefined();
});
