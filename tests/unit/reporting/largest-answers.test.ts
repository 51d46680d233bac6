import { describe, expect, test } from '@jest/globals';
import { NOTHING_NOTICED } from '../../../shared/contract/report/ingest-notes.ts';
import { fieldOf } from '../../../shared/contract/experiment-id.ts';
import { experimentCsv } from '../../../shared/reporting/formats/csv.ts';
import { answerExperiment } from '../../../shared/reporting/experiment.ts';
import { fitAnswer } from '../../../shared/reporting/fit-answer.ts';
import { compress } from '../../../shared/runtime/compress.ts';

const MEGABYTE = 1_000_000;
/** What a function may answer. */
const LAMBDA_BYTES = 6_000_000;

/** With units and values. */
function anAnswer(variants: number, goals: number) {
  const counts: Record<string, string> = {};
  const moments: Record<string, string> = {};
  for (let arm = 0; arm < variants; arm += 1) {
    const name = `variant number ${arm}`;
    const units = 5_000 + arm * 11;
    counts[fieldOf(name, 'participate')] = `${units}`;
    moments[`${fieldOf(name)}:`] = `${units} 3`;
    for (let goal = 0; goal < goals; goal += 1) {
      const converted = 400 + ((arm * 29 + goal * 37) % 900);
      const field = fieldOf(name, `goal number ${goal}`);
      counts[field] = `${converted + 40}`;
      moments[field] = `${converted} ${converted + 40} ${converted + 160} ${converted * 9.5} ${converted * 120}`;
    }
  }
  const now = 1_790_000_000_000;
  return answerExperiment({
    ref: { namespace: 'alephbet', experiment: 'large' },
    stored: undefined,
    tally: { counts, moments, labels: {} },
    imported: undefined,
    notes: NOTHING_NOTICED,
    span: { first: now - 20 * 86_400_000, last: now },
    uniques: () => 1_234,
    state: { rebuilding: false, countedSince: undefined, newest: now, now },
  });
}

function bytesOnTheirWay(body: string): number {
  return Buffer.from(compress({ statusCode: 200, body }, 'gzip').body ?? '', 'base64').byteLength;
}

describe('an experiment', () => {
  // The default limits let one have a hundred goals, which makes no answer longer than twenty do.
  test('of more goals than an answer holds stays under a megabyte, and under what a function may answer', () => {
    const whole = anAnswer(50, 24);
    expect(JSON.stringify(whole).length).toBeGreaterThan(LAMBDA_BYTES);
    const answer = fitAnswer(whole);
    const json = JSON.stringify(answer);
    expect(json.length).toBeLessThan(LAMBDA_BYTES);
    expect(bytesOnTheirWay(json)).toBeLessThan(MEGABYTE);
    expect(bytesOnTheirWay(experimentCsv(answer))).toBeLessThan(MEGABYTE);

    const names = new Set(whole.goals.map(({ name }) => name));
    expect(answer.goals.length + answer.moreGoals.length).toBe(names.size);
    const [next = ''] = answer.moreGoals;
    const alone = fitAnswer(whole, next);
    expect(alone.goals).toEqual(whole.goals.filter(({ name }) => name === next));
    expect(alone.metrics).toEqual(whole.metrics.filter(({ name }) => name === next));
    expect(alone.moreGoals).toHaveLength(names.size - 1);
  });

  test('of a usual size is answered whole', () => {
    const whole = anAnswer(3, 20);
    expect(fitAnswer(whole)).toEqual(whole);
  });

  test('has no goal that nobody received', () => {
    expect(fitAnswer(anAnswer(2, 1), 'another').goals).toEqual([]);
  });
});
