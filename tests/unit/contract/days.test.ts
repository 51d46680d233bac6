import { expect, test } from '@jest/globals';
import schema from '../../../shared/contract/definition-schema.json';

test.each([
  ['2026-11-20', true],
  ['2026-00-20', false],
  ['2026-13-20', false],
  ['2026-11-00', false],
  ['0000-00-00', false],
])('the schema says of the day %s: %s', (day, allowed) => {
  expect(new RegExp(schema.definitions.day.pattern).test(day)).toBe(allowed);
});
