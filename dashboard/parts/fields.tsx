import { useId } from 'preact/hooks';

export interface Option {
  value: string;
  label: string;
}

interface ChoiceProps {
  label: string;
  value: string;
  options: readonly Option[];
  onChoose: (value: string) => void;
}

/** A labelled select. */
export function Choice({ label, value, options, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option.value} value={option.value} selected={option.value === value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

interface TextFieldProps {
  label: string;
  value: string;
  type?: 'text' | 'date';
  wide?: boolean;
  onType: (value: string) => void;
}

export function TextField({ label, value, type = 'text', wide = false, onType }: TextFieldProps) {
  const id = useId();
  const onTyped = (event: { currentTarget: HTMLInputElement }) => onType(event.currentTarget.value);
  const input = { id, dir: 'auto', value, onInput: onTyped } as const;
  return (
    <div class={wide ? 'field field-wide' : 'field'}>
      <label for={id}>{label}</label>
      {type === 'date' ? <input type="date" {...input} /> : <input type="text" {...input} />}
    </div>
  );
}
