import { Choice } from '../parts/choice.tsx';
import { TextField } from '../parts/text-field.tsx';
import { DecisionFields } from './decision-fields.tsx';
import type { EditForm } from './edit-form.ts';
import { GoalFields } from './goal-fields.tsx';
import { JudgingFields } from './judging-fields.tsx';
import { WeightFields } from './weight-fields.tsx';

export interface EditFieldsProps {
  form: EditForm;
  onChange: (change: Partial<EditForm>) => void;
}

const statuses = [
  { value: 'draft', label: 'Draft' },
  { value: 'running', label: 'Running' },
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
