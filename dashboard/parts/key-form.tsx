import { useId, useState } from 'preact/hooks';
import { useSession } from '../state/session.tsx';
import { Icon } from './icon.tsx';

const LOCAL_KEY = 'local';

/** Asks for the API key, once for each tab. */
export function KeyForm() {
  const { refused, enter } = useSession();
  const [typed, setTyped] = useState('');
  const id = useId();
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(location.hostname);

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (typed.trim() !== '') enter(typed.trim());
  };
  return (
    <main id="main" class="key-page">
      <form class="card key-form" onSubmit={submit}>
        <h1>Reports need a key</h1>
        <p class="soft">It stays in this browser tab, and is forgotten when the tab closes.</p>
        {refused && (
          <p class="form-error" role="alert">
            <Icon name="problem" /> That key was refused.
          </p>
        )}
        <label for={id}>API key</label>
        <input
          id={id}
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={typed}
          onInput={(event) => setTyped(event.currentTarget.value)}
        />
        <button type="submit" class="button button-main">
          Show the experiments
        </button>
        {isLocal && (
          <p class="soft key-hint">
            On this machine the key is <code>{LOCAL_KEY}</code> unless <code>MEM_API_KEY</code> says otherwise.{' '}
            <button type="button" class="button-link" onClick={() => enter(LOCAL_KEY)}>
              Use it
            </button>
          </p>
        )}
      </form>
    </main>
  );
}
