import { useId } from 'preact/hooks';
import { Choice, TextField } from '../parts/fields.tsx';
import type { EditFieldsProps, EditForm } from './edit-form.ts';
import { GoalFields } from './goal-fields.tsx';
import { Name } from '../parts/labels.tsx';

const statuses = [
  { value: 'draft', label: 'Draft' },
  { value: 'running', label: 'Running' },
  { value: 'stopped', label: 'Stopped' },
  { value: 'ended', label: 'Ended' },
] as const;

export function EditFields({ form, onChange }: EditFieldsProps) {
  const baselines = form.weights.map(({ name }) => ({ value: name, label: name }));
  return (
    <div class="edit-fields">
      <TextField label="Hypothesis" value={form.hypothesis} onType={(hypothesis) => onChange({ hypothesis })} wide />
      <Choice
        label="Status"
        value={form.status}
        options={statuses}
        onChoose={(value) => onChange({ status: statuses.find((one) => one.value === value)?.value ?? 'running' })}
      />
      <Choice
        label="Baseline"
        value={form.baseline}
        options={[{ value: '', label: 'control, or the first' }, ...baselines]}
        onChoose={(baseline) => onChange({ baseline })}
      />
      <TextField label="First day (UTC)" type="date" value={form.start} onType={(start) => onChange({ start })} />
      <TextField label="Last day (UTC)" type="date" value={form.end} onType={(end) => onChange({ end })} />
      <WeightFields form={form} onChange={onChange} />
      <GoalFields form={form} onChange={onChange} />
      <JudgingFields form={form} onChange={onChange} />
      <DecisionFields form={form} onChange={onChange} />
      <label class="check">
        <input
          type="checkbox"
          checked={form.hidden}
          onChange={(event) => onChange({ hidden: event.currentTarget.checked })}
        />
        Hide it from the list
      </label>
    </div>
  );
}

/** The shares that visitors are split by: with them, a broken split is found. */
export function WeightFields({ form, onChange }: EditFieldsProps) {
  const id = useId();
  if (form.weights.length === 0) return null;
  const change = (index: number, weight: string) =>
    onChange({ weights: form.weights.map((one, at) => (at === index ? { ...one, weight } : one)) });
  return (
    <fieldset>
      <legend>Weights</legend>
      <p class="soft">
        In any unit, such as 1 and 1, or 90 and 10. With them, a split that is not as meant is warned of.
      </p>
      <div class="weight-grid">
        {form.weights.map(({ name, weight }, index) => (
          <div key={name} class="weight">
            <label for={`${id}-${index}`}>
              <Name of={name} />
            </label>
            <input
              id={`${id}-${index}`}
              inputMode="decimal"
              value={weight}
              onInput={(event) => change(index, event.currentTarget.value)}
            />
          </div>
        ))}
      </div>
    </fieldset>
  );
}

const methodOptions: { value: EditForm['method']; label: string }[] = [
  { value: '', label: 'Sequential (default)' },
  { value: 'sequential', label: 'Sequential' },
  { value: 'fixed', label: 'Fixed horizon' },
  { value: 'bayesian', label: 'Bayesian' },
  { value: 'abba', label: 'Abba' },
];

const correctionOptions: { value: EditForm['correction']; label: string }[] = [
  { value: '', label: 'Holm (default)' },
  { value: 'holm', label: 'Holm' },
  { value: 'benjamini-hochberg', label: 'Benjamini-Hochberg' },
  { value: 'none', label: 'None' },
];

/** How verdicts are reached: to be said before the experiment starts. */
export function JudgingFields({ form, onChange }: EditFieldsProps) {
  return (
    <fieldset>
      <legend>Verdicts</legend>
      <p class="soft">
        Choose these before the experiment starts: a rule that is chosen after a look at the figures proves nothing.
      </p>
      <div class="judging-grid">
        <Choice
          label="Method"
          value={form.method}
          options={methodOptions}
          onChoose={(value) => onChange({ method: methodOptions.find((one) => one.value === value)?.value ?? '' })}
        />
        <Choice
          label="Correction for many comparisons"
          value={form.correction}
          options={correctionOptions}
          onChoose={(value) =>
            onChange({ correction: correctionOptions.find((one) => one.value === value)?.value ?? '' })
          }
        />
        <TextField label="Alpha (0.05 unless given)" value={form.alpha} onType={(alpha) => onChange({ alpha })} />
        <TextField
          label="Smallest lift worth knowing, %"
          value={form.smallestLift}
          onType={(smallestLift) => onChange({ smallestLift })}
        />
        <TextField label="Power (0.8 unless given)" value={form.power} onType={(power) => onChange({ power })} />
      </div>
    </fieldset>
  );
}

const GIVEN_UP = 'given up';
/** Before a name, so that a variant may be called anything. */
const STAYS = 'stays ';

/** What came of the experiment. */
export function DecisionFields({ form, onChange }: EditFieldsProps) {
  const value = form.decision === 'variant' ? STAYS + form.decidedVariant : form.decision === 'open' ? '' : GIVEN_UP;
  const options = [
    { value: '', label: 'Still open' },
    { value: GIVEN_UP, label: 'Given up' },
    ...form.weights.map(({ name }) => ({ value: STAYS + name, label: `${name} stays` })),
  ];
  const choose = (chosen: string) => {
    if (chosen.startsWith(STAYS)) onChange({ decision: 'variant', decidedVariant: chosen.slice(STAYS.length) });
    else onChange({ decision: chosen === GIVEN_UP ? GIVEN_UP : 'open' });
  };
  return (
    <fieldset>
      <legend>Decision</legend>
      <div class="decision-grid">
        <Choice label="Outcome" value={value} options={options} onChoose={choose} />
        {form.decision !== 'open' && (
          <>
            <TextField
              label="Decided on"
              type="date"
              value={form.decidedDay}
              onType={(decidedDay) => onChange({ decidedDay })}
            />
            <TextField label="Note" value={form.decidedNote} onType={(decidedNote) => onChange({ decidedNote })} wide />
          </>
        )}
      </div>
    </fieldset>
  );
}
