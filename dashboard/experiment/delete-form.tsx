import { useId, useState } from 'preact/hooks';
import { Name } from '../parts/name.tsx';

interface DeleteFormProps {
  name: string;
  busy: boolean;
  onDelete: () => void;
}

/** Counts that are gone do not come back, so the name has to be typed. */
export function DeleteForm({ name, busy, onDelete }: DeleteFormProps) {
  const [typed, setTyped] = useState('');
  const id = useId();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (typed === name) onDelete();
  };
  return (
    <form class="delete-form" onSubmit={submit}>
      <h3>Delete it</h3>
      <p class="soft">
        Its counts and its definition go. Events that are sent afterwards begin a new experiment of the same name.
      </p>
      <label for={id}>
        Type{' '}
        <strong>
          <Name of={name} />
        </strong>{' '}
        to delete it
      </label>
      <div class="delete-line">
        <input
          id={id}
          value={typed}
          autocomplete="off"
          spellcheck={false}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="button button-danger" disabled={typed !== name || busy}>
          Delete
        </button>
      </div>
    </form>
  );
}
