import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { Name } from '../parts/name.tsx';
import { StatusChip } from '../parts/status-chip.tsx';
import { listOf } from '../state/place.ts';
import { Link, usePlace } from '../state/use-place.tsx';
import { formatDay, formatTime, plural } from '../text/format.ts';
import { ExportMenu } from './export-menu.tsx';

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
