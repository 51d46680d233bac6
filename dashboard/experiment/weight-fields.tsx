import { useId } from 'preact/hooks';
import { Name } from '../parts/name.tsx';
import type { EditFieldsProps } from './edit-fields.tsx';

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
