import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { ApiError, apiPath } from '../state/api.ts';
import { listOf } from '../state/place.ts';
import { useSession } from '../state/session.tsx';
import { usePlace } from '../state/use-place.tsx';
import { EditFields } from './edit-fields.tsx';
import { toDefinition, toForm } from './edit-form.ts';
import { Name } from '../parts/labels.tsx';

interface EditDialogProps {
  answer: ExperimentAnswer;
  onClose: () => void;
  onSaved: () => void;
}

/** Changes the definition; the counts stay what they are. It begins with what was said when it was opened. */
export function EditDialog({ answer, onClose, onSaved }: EditDialogProps) {
  const { api } = useSession();
  const { go } = usePlace();
  const dialog = useRef<HTMLDialogElement>(null);
  const [before] = useState(answer);
  const [form, setForm] = useState(() => toForm(answer, new Date().toISOString().slice(0, 10)));
  const [failure, setFailure] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  const path = apiPath('experiment', { experiment: answer.name, namespace: answer.namespace });
  useEffect(() => dialog.current?.showModal(), []);

  const attempt = (work: Promise<void>, then: () => void) => {
    setBusy(true);
    setFailure(null);
    work
      .then(then)
      .catch((error: unknown) => setFailure(error instanceof ApiError ? error : new ApiError(0, 'It cannot be saved.')))
      .finally(() => setBusy(false));
  };
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    attempt(api.put(path, toDefinition(form, before.definition), before.definedAt), () => {
      onSaved();
      onClose();
    });
  };
  const remove = () => attempt(api.remove(path), () => go(listOf(answer.namespace)));
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="edit-title" onClose={onClose}>
      <form onSubmit={save}>
        <div class="dialog-head">
          <h2 id="edit-title">Edit the experiment</h2>
          <button type="button" class="button button-icon" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </div>
        <EditFields form={form} onChange={(change) => setForm({ ...form, ...change })} />
        {failure && <Failure failure={failure} />}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="button button-main" disabled={busy}>
            Save
          </button>
        </div>
      </form>
      <DeleteForm name={answer.name} busy={busy} onDelete={remove} />
    </dialog>
  );
}

function Failure({ failure: { message, said } }: { failure: ApiError }) {
  const { errors: faults = [] } = said;
  return (
    <div class="form-error" role="alert">
      <p dir="auto">{message}</p>
      <ul>
        {faults.map((fault) => (
          <li key={fault.path} dir="auto">
            <code>{fault.path}</code> {fault.message}
          </li>
        ))}
      </ul>
    </div>
  );
}

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
