import type { ExperimentListItem, ListVerdict } from '../../shared/contract/answers.ts';
import { Icon } from '../parts/icon.tsx';
import { Name, StatusChip, VerdictChip } from '../parts/labels.tsx';
import { experimentAt } from '../state/place.ts';
import { Link, usePlace } from '../state/use-place.tsx';
import { formatAge, formatCount, formatLift, formatTime, plural } from '../text/format.ts';
import { warningWords } from '../text/sentences.ts';
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
        <caption class="unseen">Experiments, running ones first</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th scope="col" role="columnheader">
              Experiment
            </th>
            <th scope="col" role="columnheader">
              Primary goal
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

function Outcome({ item: { data, decision, verdict } }: { item: ExperimentListItem }) {
  if (decision) {
    return (
      <span class="decision-mark">
        <Icon name="flag" />{' '}
        {decision.variant === undefined ? (
          'Given up'
        ) : (
          <>
            Decided: <Name of={decision.variant} />
          </>
        )}
      </span>
    );
  }
  if (data === 'no data') return <span class="soft">Nothing received yet</span>;
  if (data === 'no goal') return <span class="soft">No goal received yet</span>;
  if (!verdict) return <span class="soft">Nothing to compare yet</span>;
  return (
    <>
      <VerdictChip verdict={verdict.verdict} />
      <Told verdict={verdict} />
    </>
  );
}

function Told({ verdict: { verdict, variant, lift, goal } }: { verdict: ListVerdict }) {
  const isClear = verdict.kind === 'winning' || verdict.kind === 'losing';
  return (
    <div class="row-notes">
      {isClear && (
        <>
          <Name of={variant} /> {lift !== null && <span class="lift">{formatLift(lift)}</span>} on{' '}
        </>
      )}
      <Name of={goal} />
    </div>
  );
}
