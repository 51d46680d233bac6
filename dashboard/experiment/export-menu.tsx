import { useState } from 'preact/hooks';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { saveBlob } from '../charts/save.ts';
import { Icon } from '../parts/icon.tsx';
import { Menu } from '../parts/menu.tsx';
import { ApiError } from '../state/api.ts';
import { useSession } from '../state/session.tsx';
import { usePlace } from '../state/use-place.tsx';
import { experimentPath, seriesPath } from './answer-path.ts';

/** The tables as CSV; charts have buttons of their own. */
export function ExportMenu({ answer }: { answer: ExperimentAnswer }) {
  const { place } = usePlace();
  const { api } = useSession();
  const [failure, setFailure] = useState('');
  const goal = place.goal ?? answer.goals[0]?.name ?? null;

  const save = (path: string, file: string) => {
    setFailure('');
    api
      .csv(path)
      .then((blob) => saveBlob(blob, `${answer.name} ${file}.csv`))
      .catch((error: unknown) => setFailure(error instanceof ApiError ? error.message : 'The file cannot be made.'));
  };
  return (
    <>
      <Menu
        closes
        label={
          <>
            <Icon name="download" /> Export
          </>
        }
      >
        <button type="button" class="menu-item" onClick={() => save(experimentPath(place, answer.name), 'results')}>
          Results as CSV
        </button>
        <button type="button" class="menu-item" onClick={() => save(seriesPath(place, answer.name, goal), 'days')}>
          Days as CSV
        </button>
      </Menu>
      {failure !== '' && (
        <p class="form-error" role="alert">
          {failure}
        </p>
      )}
    </>
  );
}
