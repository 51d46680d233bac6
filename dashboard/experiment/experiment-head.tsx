import { useState } from 'preact/hooks';
import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { Name, StatusChip } from '../parts/labels.tsx';
import { listOf } from '../state/place.ts';
import { Link, usePlace } from '../state/use-place.tsx';
import { formatDay, formatTime, plural } from '../text/format.ts';
import { saveBlob } from '../charts/image.ts';
import { Menu } from '../parts/menu.tsx';
import { ApiError, experimentPath, seriesPath } from '../state/api.ts';
import { useSession } from '../state/session.tsx';

interface ExperimentHeadProps {
  name: string;
  answer: ExperimentAnswer | null;
  onEdit: () => void;
}

export function ExperimentHead({ name, answer, onEdit }: ExperimentHeadProps) {
  const { place } = usePlace();
  return (
    <div class="experiment-head">
      <Link to={listOf(place.namespace)} class="crumb">
        <Icon name="back" /> Experiments
      </Link>
      <div class="page-head">
        <h1>
          <Name of={name} />
        </h1>
        {answer && <StatusChip status={answer.status} />}
        <div class="head-actions">
          {answer && answer.data !== 'no data' && <ExportMenu answer={answer} />}
          {answer && (
            <button type="button" class="button" onClick={onEdit}>
              <Icon name="edit" /> Edit
            </button>
          )}
        </div>
      </div>
      {answer?.definition?.hypothesis && (
        <p class="hypothesis" dir="auto">
          {answer.definition.hypothesis}
        </p>
      )}
      {answer && <Facts answer={answer} />}
    </div>
  );
}

function Facts({ answer }: { answer: ExperimentAnswer }) {
  const participants = answer.variants.reduce((sum, variant) => sum + variant.participants, 0);
  const { start, end } = answer.definition ?? {};
  return (
    <ul class="facts">
      {(answer.firstEvent ?? answer.imported) && <li>{plural(participants, 'participant')}</li>}
      {answer.segment !== null && (
        <li>
          only <Name of={answer.segment} />
        </li>
      )}
      {answer.firstEvent && <li>since {formatTime(answer.firstEvent)}</li>}
      {answer.lastEvent && <li>last event {formatTime(answer.lastEvent)}</li>}
      {(start ?? end) !== undefined && (
        <li>
          planned {start === undefined ? '' : `from ${formatDay(start)} `}
          {end === undefined ? '' : `to ${formatDay(end)}`}
        </li>
      )}
    </ul>
  );
}

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
