import { describe, expect, test } from '@jest/globals';
import { NOTHING_NOTICED } from '../../../shared/contract/report/ingest-notes.ts';
import { toDefinition, toForm } from '../../../dashboard/experiment/edit-form.ts';
import { answerExperiment } from '../../../shared/reporting/experiment.ts';
import { checkDefinition } from '../../../shared/contract/check-definition.ts';
import type { Definition } from '../../../shared/contract/definition.ts';
import { fakeCounts, type CountPlan } from '../../support/report/fake-counts.ts';
import { checkout } from '../../support/report/example-experiments.ts';

const now = Date.UTC(2026, 10, 20);

function answerOf(plan: CountPlan) {
  const { definition } = plan;
  return answerExperiment({
    ref: { namespace: 'alephbet', experiment: plan.name },
    imported: undefined,
    notes: NOTHING_NOTICED,
    stored: definition && { namespace: 'alephbet', experiment: plan.name, writtenAt: now, definition, faults: [] },
    ...fakeCounts(plan, now),
    uniques: () => undefined,
    state: { rebuilding: false, countedSince: undefined, newest: now, now },
  });
}

describe('the dialog', () => {
  test('saves what it was opened with, where nothing is changed', () => {
    const definition: Definition = {
      ...checkout.definition,
      alpha: 0.01,
      start: '2026-11-01',
      baseline: 'blue',
      goals: {
        primary: [
          { name: 'purchase', metric: 'sum' },
          { name: 'purchase', metric: 'n' },
        ],
        guardrail: [{ name: 'page error', better: 'lower' }],
      },
      decision: { day: '2026-11-19', note: 'Too slow.' },
    };
    const answer = answerOf({ ...checkout, definition });
    expect(toDefinition(toForm(answer, '2026-11-20'), definition)).toEqual({ ...definition, status: 'running' });
  });

  test('makes a definition that the API takes from an experiment without one', () => {
    const { name, participants, goals = {}, days } = checkout;
    const form = toForm(answerOf({ name, participants, goals, days }), '2026-11-20');
    expect(toDefinition(form, null)).toEqual({ status: 'running' });

    const edited = {
      ...form,
      baseline: 'blue',
      weights: form.weights.map((weight) => ({ ...weight, weight: '1' })),
      goals: form.goals.map((goal) => ({
        ...goal,
        set: goal.name === 'purchase' ? ('primary' as const) : ('' as const),
      })),
      decision: 'variant' as const,
      decidedVariant: 'blue',
    };
    const definition = toDefinition(edited, null);
    expect(checkDefinition(definition).ok).toBe(true);
    expect(definition).toMatchObject({
      baseline: 'blue',
      goals: { primary: [{ name: 'purchase' }] },
      decision: { variant: 'blue', day: '2026-11-20' },
    });
    expect(definition.variants).toHaveLength(3);
  });

  test('takes back what is emptied', () => {
    const answer = answerOf({ ...checkout, definition: { ...checkout.definition, end: '2026-12-01', hidden: true } });
    const form = { ...toForm(answer, '2026-11-20'), hypothesis: ' ', end: '', hidden: false };
    const definition = toDefinition(form, answer.definition);
    for (const key of ['hypothesis', 'end', 'hidden']) expect(definition).not.toHaveProperty(key);
  });
});
