import { useId } from 'preact/hooks';

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
