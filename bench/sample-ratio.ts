// How often the sample ratio test alarms where the split is right, and at which sizes it finds one that is not.
// Usage: node scripts/run-typescript.mjs bench/sample-ratio.ts [EXPERIMENTS] [SEED]
import { mulberry32 } from '../cli/simulate/mulberry32.ts';
import { sampleRatio } from '../stats/sample-ratio.ts';

const experiments = Number(process.argv[2] ?? 5_000);
const seed = Number(process.argv[3] ?? 20240229);

interface Setup {
  /** What the definition says. */
  readonly weights: readonly number[];
  /** What happens; as the weights unless given. */
  readonly shares?: readonly number[];
  readonly participantsPerLook: number;
  readonly looks: number;
}

/** The look at which it alarms first, for each experiment; Infinity for those that never do. */
function firstAlarms({ weights, shares = weights, participantsPerLook, looks }: Setup, count: number): number[] {
  const random = mulberry32(seed);
  return Array.from({ length: count }, () => {
    const participants = weights.map(() => 0);
    for (let look = 1; look <= looks; look++) {
      for (let i = 0; i < participantsPerLook; i++) {
        const arm = drawArm(shares, random());
        participants[arm] = (participants[arm] ?? 0) + 1;
      }
      const ratio = sampleRatio(participants.map((people, i) => ({ participants: people, weight: weights[i] ?? 0 })));
      if (ratio.value !== null && ratio.alarm) return look;
    }
    return Infinity;
  });
}

function drawArm(shares: readonly number[], chance: number): number {
  let left = chance * shares.reduce((sum, share) => sum + share, 0);
  return Math.max(
    0,
    shares.findIndex((share) => (left -= share) < 0),
  );
}

console.log(`${experiments} experiments with the right split, 1,000 looks each, alarm at p < 0.001:\n`);
console.log('| weights | participants a look | alarmed at any look |');
console.log('|---|---|---|');
for (const [weights, participantsPerLook] of [
  [[1, 1], 20],
  [[1, 1], 200],
  [[9, 1], 20],
  [[1, 1, 1], 20],
] as const) {
  const alarms = firstAlarms({ weights, participantsPerLook, looks: 1_000 }, experiments).filter(Number.isFinite);
  const share = ((alarms.length / experiments) * 100).toFixed(2);
  console.log(`| ${weights.join(' : ')} | ${participantsPerLook} | ${share} % |`);
}

const found = Math.ceil(experiments / 10);
console.log(`\n${found} experiments with weights 1 : 1 and another split, looked at after every 100 participants:\n`);
console.log('| split | half are found at | 90 % are found at |');
console.log('|---|---|---|');
for (const [share, looks] of [
  [51, 2_000],
  [52, 600],
  [55, 200],
] as const) {
  const setup = { weights: [1, 1], shares: [share, 100 - share], participantsPerLook: 100, looks };
  const alarms = firstAlarms(setup, found).sort((a, b) => a - b);
  const at = (part: number) => ((alarms[Math.ceil(part * found) - 1] ?? Infinity) * 100).toLocaleString('en');
  console.log(`| ${share} : ${100 - share} | ${at(0.5)} participants | ${at(0.9)} |`);
}
