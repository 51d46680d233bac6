import { expect, test } from '@jest/globals';
import { planSimulation, type SimulationOptions } from '../../../cli/simulate/plan.ts';

const options: SimulationOptions = {
  ...{ namespace: 'n', experiment: 'demo', visitors: 500, segments: [], seed: 1 },
  variants: [{ name: 'control', weight: 1 }],
  goals: [{ name: 'bought', rates: [0.5], value: 30 }],
  ...{ duplicates: 0.2, late: 0.3, bad: 0.1 },
};

test('requests that are sent at once hold no two parts of a visit: the second could arrive first', () => {
  for (const requests of planSimulation(options).phases) {
    expect(requests.length).toBeGreaterThan(1);
    const units = requests.map((events) => new Set((events as { unit: string }[]).map(({ unit }) => unit)));
    const whole = [...units].flatMap((set) => [...set]).filter((unit) => unit !== 'undefined');
    expect(new Set(whole).size).toBe(whole.length);
  }
});

test('what comes late comes after every exposure, and nothing is left out', () => {
  const { phases, events } = planSimulation(options);
  const [soon = [], late = []] = phases.map((requests) => requests.flat() as { event: string; uuid: string }[]);
  expect(soon.length + late.length).toBe(events);
  const seen = new Set(soon.map(({ uuid }) => uuid));
  expect(late.filter(({ event, uuid }) => event === 'participate' && !seen.has(uuid))).toEqual([]);
});
