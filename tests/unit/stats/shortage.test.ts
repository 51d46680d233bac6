import { expect, test } from '@jest/globals';
import { fewestOfAKind, fewestUnits, shortageOf } from '../../../stats/measurement.ts';

const enough = { units: fewestUnits, converted: fewestOfAKind };

test('exactly as many as a comparison needs are enough', () => {
  expect(shortageOf(enough, enough, 'proportion')).toBeNull();
  const allButFew = { units: fewestUnits, converted: fewestUnits - fewestOfAKind };
  expect(shortageOf(enough, allButFew, 'proportion')).toBeNull();
});

test('one fewer are not', () => {
  expect(shortageOf({ ...enough, converted: fewestOfAKind - 1 }, enough, 'mean')?.reason).toContain(
    `${fewestOfAKind - 1} of the ${fewestOfAKind} converted units in the control`,
  );
  const fewer = { units: fewestUnits - 1, converted: fewestOfAKind };
  expect(shortageOf(fewer, fewer, 'mean')?.reason).toContain(`${fewestUnits - 1} of the ${fewestUnits} units`);
});
