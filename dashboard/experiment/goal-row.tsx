import type { ScaleLinear } from 'd3-scale';
import type { GoalAnswer, GoalResult } from '../../shared/contract/answers.ts';
import {
  metricKinds,
  type Comparison,
  type Estimate,
  type Method,
  type Verdict,
} from '../../shared/contract/statistics.ts';
import { IntervalBar } from '../charts/interval-bar.tsx';
import { Name, VerdictChip } from '../parts/labels.tsx';
import {
  formatChance,
  formatCount,
  formatDifference,
  formatLift,
  formatMean,
  formatP,
  formatShare,
} from '../text/format.ts';
import { capitalized, intervalSentence } from '../text/sentences.ts';

interface GoalRowProps {
  goal: GoalAnswer;
  result: GoalResult;
  method: Method;
  scale: ScaleLinear<number, number>;
  /** Whether the row above has given the same reason. */
  repeats: boolean;
}

export function GoalRow({ goal, result, method, scale, repeats }: GoalRowProps) {
  const { comparison } = result;
  const lift = shownLift(result, method);
  return (
    <tr role="row" class={comparison ? undefined : 'row-baseline'}>
      <th scope="row" role="rowheader" class="cell-variant">
        <Name of={result.variant} />
        {!comparison && <span class="baseline-mark"> baseline</span>}
      </th>
      <td role="cell" class="number cell-measured">
        <Measured goal={goal} result={result} />
      </td>
      <td
        role="cell"
        class={`number cell-lift tone-${comparison?.verdict.kind === 'invalid' ? 'void' : toneOf(comparison?.verdict)}`}
      >
        {comparison ? <Lift comparison={comparison} method={method} /> : <span class="soft">–</span>}
      </td>
      <td role="cell" class="cell-interval">
        <IntervalBar
          scale={scale}
          interval={lift}
          tone={toneOf(comparison?.verdict)}
          sentence={intervalSentence(goal, result)}
        />
      </td>
      <td role="cell" class={`number ${method === 'bayesian' ? 'cell-chance' : 'cell-p'}`}>
        {comparison && <Certainty comparison={comparison} method={method} result={result} />}
      </td>
      <td role="cell" class="cell-verdict">
        {comparison && <VerdictCell comparison={comparison} repeats={repeats} />}
      </td>
    </tr>
  );
}

function Measured({ goal: { metric }, result: { measured, units, converted } }: Pick<GoalRowProps, 'goal' | 'result'>) {
  const isShare = metricKinds[metric] === 'rate';
  return (
    <>
      <span class="figure">
        {measured.value === null ? '–' : isShare ? formatShare(measured.value) : formatMean(measured.value)}
      </span>
      <span class="figure-note">
        {formatCount(converted)} / {formatCount(units)}
      </span>
    </>
  );
}

/** Where a lift is not defined (nothing to be relative to), the difference stands in for it. */
function Lift({ comparison, method }: { comparison: Comparison; method: Method }) {
  const evidence = comparison.evidence[method];
  if (!evidence) return <span class="soft">–</span>;
  if (evidence.lift.value !== null) return <span class="figure">{formatLift(evidence.lift.value)}</span>;
  if (evidence.difference.value === null) return <span class="soft">–</span>;
  return (
    <>
      <span class="figure">{formatDifference(evidence.difference.value)}</span>
      <span class="figure-note">difference</span>
    </>
  );
}

function Certainty({ comparison, method, result }: { comparison: Comparison; method: Method; result: GoalResult }) {
  const { chanceAbove = null, p = null, adjustedP = null } = comparison.evidence[method] ?? {};
  if (chanceAbove !== null) {
    return (
      <>
        <span class="figure">{formatChance(chanceAbove)}</span>
        {result.best && <span class="figure-note">best {formatChance(result.best.chance)}</span>}
      </>
    );
  }
  if (adjustedP === null) return <span class="soft">–</span>;
  return (
    <>
      <span class="figure">{formatP(adjustedP)}</span>
      {p !== null && p !== adjustedP && <span class="figure-note">{formatP(p)} alone</span>}
    </>
  );
}

/** The columns have the figures of a clear verdict; the others have their reason here, once for a run of rows. */
function VerdictCell({ comparison: { verdict }, repeats }: { comparison: Comparison; repeats: boolean }) {
  return (
    <>
      <VerdictChip verdict={verdict} />
      {verdict.cause !== null && !repeats && (
        <span class="verdict-reason" dir="auto">
          {capitalized(verdict.cause)}
        </span>
      )}
    </>
  );
}

/** The lift that may be shown: by the method of the verdict, and none before there is enough data. */
export function shownLift({ comparison }: GoalResult, method: Method): Estimate | null {
  const lift = comparison?.evidence[method]?.lift;
  return lift && lift.value !== null ? lift : null;
}

/** Blue or orange only for what is beyond doubt. */
export function toneOf(verdict: Verdict | undefined): 'good' | 'bad' | 'plain' {
  if (verdict?.kind === 'winning') return 'good';
  if (verdict?.kind === 'losing') return 'bad';
  return 'plain';
}
