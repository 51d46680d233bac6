// How often each method names a winner where there is none, and whether the planner keeps its word.
// Usage: node scripts/run-typescript.mjs bench/false-winners.ts [EXPERIMENTS] [SEED]
import { countFalseWinners, simulatePower } from './simulation.ts';

const experiments = Number(process.argv[2] ?? 2000);
const seed = Number(process.argv[3] ?? 20240229);
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`.padStart(8);

console.log(`${experiments} A/A experiments, both arms at 10 %, 500 participants an arm and day, seed ${seed}.`);
console.log('Share that named a winner or a loser:\n');
console.log('| rule | at the last of 28 days | on any of 28 days |');
console.log('|---|---|---|');
for (const { rule, once, ever } of countFalseWinners({ experiments, days: 28, perDay: 500, rate: 0.1, seed })) {
  console.log(`| ${rule} | ${percent(once)} | ${percent(ever)} |`);
}

console.log('\nThe same where the goal is rare:\n');
console.log('| rate | participants an arm and day | `sequential`, on any day | `fixed`, on the last |');
console.log('|---|---|---|---|');
for (const [rate, perDay] of [
  [0.0005, 200],
  [0.001, 200],
  [0.002, 200],
  [0.005, 200],
  [0.0005, 1000],
] as const) {
  const setup = { experiments, days: 28, perDay, rate, seed, only: ['sequential', 'fixed'] } as const;
  const [sequential, fixed] = countFalseWinners(setup);
  console.log(`| ${rate * 100} % | ${perDay} | ${percent(sequential?.ever ?? NaN)} | ${percent(fixed?.once ?? NaN)} |`);
}

// The power is to be known to half a point, which takes more experiments.
const abExperiments = 5 * experiments;
console.log(`\n${abExperiments} A/B experiments at each size that the planner gives, 10 % against 12 %:\n`);
console.log('| planned power | participants per arm | seen by `fixed` | seen by `sequential` |');
console.log('|---|---|---|---|');
for (const power of [0.5, 0.8, 0.9]) {
  const { perArm, seen } = simulatePower({
    experiments: abExperiments,
    controlRate: 0.1,
    variantRate: 0.12,
    power,
    seed,
    methods: ['fixed', 'sequential'],
  });
  console.log(`| ${[percent(power), perArm, ...seen.map(percent)].join(' | ')} |`);
}
