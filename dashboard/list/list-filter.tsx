import { useEffect, useId, useState } from 'preact/hooks';
import type { ExperimentStatus } from '../../shared/contract/answers.ts';
import { Choice } from '../parts/fields.tsx';
import { Icon } from '../parts/icon.tsx';
import { listOf, statuses } from '../state/place.ts';
import { usePlace } from '../state/use-place.tsx';

const statusOptions = [
  { value: '', label: 'Any' },
  { value: 'running', label: 'Running' },
  { value: 'draft', label: 'Draft' },
  { value: 'ended', label: 'Ended' },
];

export function ListFilter({ hasHidden }: { hasHidden: boolean }) {
  const { place, go } = usePlace();
  const id = useId();
  const chooseStatus = (value: string) =>
    go({ status: statuses.find((one): one is ExperimentStatus => one === value) ?? null });
  return (
    <search class="toolbar">
      <div class="field field-grow">
        <label for={id}>Search</label>
        <div class="search">
          <Icon name="search" />
          <input
            id={id}
            type="search"
            placeholder="Name of an experiment"
            value={place.search}
            onInput={(event) => go({ search: event.currentTarget.value }, 'replace')}
          />
        </div>
      </div>
      <Choice label="Status" value={place.status ?? ''} options={statusOptions} onChoose={chooseStatus} />
      <NamespaceField />
      {(hasHidden || place.showHidden) && (
        <label class="check">
          <input
            type="checkbox"
            checked={place.showHidden}
            onChange={(event) => go({ showHidden: event.currentTarget.checked }, 'replace')}
          />
          Show hidden
        </label>
      )}
    </search>
  );
}

/** Taken when it is left or Enter is pressed: half a name is another namespace. */
function NamespaceField() {
  const { place, go } = usePlace();
  const [typed, setTyped] = useState(place.namespace);
  const id = useId();
  useEffect(() => setTyped(place.namespace), [place.namespace]);
  return (
    <div class="field">
      <label for={id}>Namespace</label>
      <input
        id={id}
        value={typed}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onChange={(event) => go(listOf(event.currentTarget.value))}
      />
    </div>
  );
}
