import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import {
  planFields,
  readPlace,
  sets,
  statuses,
  views,
  writePlace,
  type PlanField,
} from '../../../dashboard/state/place.ts';
import { methods } from '../../../shared/contract/statistics.ts';

const name = fc.string({ unit: 'grapheme', minLength: 1 });
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const place = fc.record({
  namespace: fc.string(),
  experiment: maybe(name),
  view: fc.constantFrom(...views),
  search: fc.string(),
  status: maybe(fc.constantFrom(...statuses)),
  showHidden: fc.boolean(),
  segment: maybe(name),
  method: maybe(fc.constantFrom(...methods)),
  baseline: maybe(name),
  only: maybe(name),
  goal: maybe(name),
  set: maybe(fc.constantFrom(...sets)),
  stacked: fc.boolean(),
  plain: fc.boolean(),
  mutedVariants: fc.array(name),
  leftOutMetrics: fc.array(name),
  plan: fc.record(
    Object.fromEntries(planFields.map((field) => [field, maybe(fc.string())])) as Record<
      PlanField,
      fc.Arbitrary<string | null>
    >,
  ),
});

describe('the URL of the page', () => {
  test('says everything that is chosen: reading what was written gives the same place', () => {
    fc.assert(fc.property(place, (one) => expect(readPlace(writePlace(one))).toEqual(one)));
  });

  test('is short where nothing is chosen', () => {
    expect(writePlace(readPlace(''))).toBe('?');
  });

  test('with values that nobody knows opens the page as usual', () => {
    expect(readPlace('?view=nonsense&method=guess&set=best&status=lost')).toEqual(readPlace(''));
  });
});
