import { Choice } from '../parts/choice.tsx';
import { TextField } from '../parts/text-field.tsx';
import type { EditFieldsProps } from './edit-fields.tsx';
import type { EditForm } from './edit-form.ts';

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
