import { useEffect, useRef, useState } from 'preact/hooks';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { Choice, TextField } from '../parts/fields.tsx';
import { ApiError, apiPath } from '../state/api.ts';
import { useSession } from '../state/session.tsx';

interface DecideDialogProps {
  answer: ExperimentAnswer;
  onClose: () => void;
  onSaved: () => void;
}

/** Writes which variant stays, on which day, and why; the server adds whose key it was. */
export function DecideDialog({ answer, onClose, onSaved }: DecideDialogProps) {
  const { api } = useSession();
  const dialog = useRef<HTMLDialogElement>(null);
  const [before] = useState(answer);
  const [variant, setVariant] = useState(
    before.conclusion.advice === 'ship' ? (before.conclusion.variant ?? '') : (before.baseline ?? ''),
  );
  const [day, setDay] = useState(() => new Date().toISOString().slice(0, 10));
  const [note, setNote] = useState('');
  const [failure, setFailure] = useState('');
  useEffect(() => dialog.current?.showModal(), []);

  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const said = note.trim();
    const decision = {
      ...(variant !== '' && { variant }),
      ...(day !== '' && { day }),
      ...(said !== '' && { note: said }),
    };
    const path = apiPath('experiment', { experiment: before.name, namespace: before.namespace });
    api
      .put(path, { ...before.definition, status: 'ended', decision }, before.definedAt)
      .then(() => {
        onSaved();
        onClose();
      })
      .catch((error: unknown) => setFailure(error instanceof ApiError ? error.message : 'It cannot be saved.'));
  };
  const options = [
    ...before.variants.map(({ name }) => ({
      value: name,
      label: name === before.baseline ? `${name} (as it was)` : name,
    })),
    { value: '', label: 'None: given up' },
  ];
  return (
    <dialog ref={dialog} class="dialog" aria-labelledby="decide-title" onClose={onClose}>
      <form onSubmit={save}>
        <div class="dialog-head">
          <h2 id="decide-title">Decide</h2>
          <button type="button" class="button button-icon" aria-label="Close" onClick={() => dialog.current?.close()}>
            <Icon name="close" />
          </button>
        </div>
        <div class="edit-fields">
          <p class="soft field-wide" dir="auto">
            {before.conclusion.title}
          </p>
          <Choice label="What stays" value={variant} options={options} onChoose={setVariant} />
          <TextField label="Day (UTC)" type="date" value={day} onType={setDay} />
          <TextField label="Note" wide value={note} onType={setNote} />
          <p class="soft field-wide">The experiment is marked as ended. Events are counted as before.</p>
        </div>
        {failure !== '' && (
          <p class="form-error" role="alert" dir="auto">
            {failure}
          </p>
        )}
        <div class="dialog-foot">
          <button type="button" class="button" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" class="button button-main">
            Decide
          </button>
        </div>
      </form>
    </dialog>
  );
}
