import type { ExperimentListItem } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { AdviceChip, Name, StatusChip } from '../parts/labels.tsx';
import { experimentAt } from '../state/place.ts';
import { Link, usePlace } from '../state/use-place.tsx';
import { formatAge, formatCount, formatTime, plural } from '../text/format.ts';
import { warningWords } from '../../shared/contract/report/warning-words.ts';
import { LazySparkline } from './lazy-sparkline.tsx';

interface ListTableProps {
  experiments: readonly ExperimentListItem[];
  /** ms since 1970 */
  now: number;
}

export function ListTable({ experiments, now }: ListTableProps) {
  return (
    <div class="card table-card">
      <table class="list-table" role="table">
        <caption class="unseen">Experiments, those that need a decision first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Experiment
            </th>
            <th scope="col" role="columnheader">
              Conclusion
            </th>
            <th scope="col" role="columnheader" class="number">
              Participants
            </th>
            <th scope="col" role="columnheader">
              A day (UTC)
            </th>
            <th scope="col" role="columnheader">
              Last event
            </th>
          </tr>
        </thead>
        <tbody role="rowgroup">
          {experiments.map((item) => (
            <ListRow key={item.name} item={item} now={now} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function ListRow({ item, now }: { item: ExperimentListItem; now: number }) {
  const { place } = usePlace();
  return (
    <tr role="row" class={item.status === 'ended' ? 'row-ended' : undefined}>
      <th scope="row" role="rowheader">
        <Link to={experimentAt(place.namespace, item.name)} class="row-link">
          <Name of={item.name} />
        </Link>
        <div class="row-notes">
          <StatusChip status={item.status} />
          <span>
            {plural(item.variants, 'variant')}, {plural(item.goals, 'goal')}
          </span>
          {item.hidden && <span>hidden</span>}
        </div>
        <WorstWarning item={item} />
      </th>
      <td role="cell" class="cell-verdict">
        <Outcome item={item} />
      </td>
      <td role="cell" class="number cell-participants">
        {formatCount(item.participants)} <span class="cell-label">participants</span>
      </td>
      <td role="cell" class="cell-spark">
        {item.participants > 0 && <LazySparkline name={item.name} freshness={item.lastEvent ?? ''} />}
      </td>
      <td role="cell" class="cell-last soft">
        {item.lastEvent === null ? (
          '–'
        ) : (
          <time dateTime={item.lastEvent} title={formatTime(item.lastEvent)}>
            {formatAge(item.lastEvent, now)}
          </time>
        )}
      </td>
    </tr>
  );
}

/** The first kind; its sentences, and how many more there are, are told by the experiment's own page. */
function WorstWarning({ item: { warnings } }: { item: ExperimentListItem }) {
  const worst = warnings.find(({ severity }) => severity !== 'note');
  if (!worst) return null;
  return (
    <p class={`row-warning tone-${worst.severity}`}>
      <Icon name={worst.severity} /> {warningWords[worst.code]}
      {worst.count > 1 && ` (${worst.count})`}
    </p>
  );
}

/** What the experiment comes to, as its own page says it, and how far it is. */
function Outcome({ item: { conclusion, verdict } }: { item: ExperimentListItem }) {
  const { progress, guardrails, needsDecision, lines } = conclusion;
  return (
    <>
      <AdviceChip conclusion={conclusion} />
      <div class="row-notes">
        {needsDecision && <span class="needs-decision">Needs a decision</span>}
        {verdict && lines.effect !== null && <span dir="auto">{lines.effect.replace(/:.*/, '')}</span>}
        {guardrails.harmed > 0 && <span class="tone-problem">Guardrail harmed</span>}
      </div>
      {progress && (
        <div class="row-notes">
          <progress value={progress.day} max={progress.days} aria-label="Planned duration" /> day {progress.day} of{' '}
          {progress.days}
        </div>
      )}
    </>
  );
}
