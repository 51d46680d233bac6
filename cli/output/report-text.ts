import type { ExperimentAnswer, GoalAnswer, GoalResult, Warning } from '../../shared/contract/answers.ts';
import { percent, threeDigits } from '../../shared/contract/figures.ts';
import { metricKinds } from '../../shared/contract/statistics.ts';
import { printable, signedPercent, tableLines } from './table.ts';

const HEADER = ['variant', 'rate', 'x/n', 'lift', '95 % or wider', 'p', 'verdict'];
const NUMBERS = new Set([1, 2, 3, 5]);

/** An experiment for a terminal: warnings, then each goal as a table, the baseline first. */
export function reportText(answer: ExperimentAnswer): string[] {
  const { namespace, name, segment, method, goals, metrics, warnings, data } = answer;
  const title = `${printable(name)}  (namespace ${printable(namespace) || "''"}${segment === null ? '' : `, ${printable(segment)}`}; ${method})`;
  if (data === 'no data') {
    return [title, answer.conclusion.title, 'Nothing received yet.', ...warnings.flatMap(warningLines)];
  }
  return [
    title,
    ...conclusionLines(answer),
    ...participantLines(answer),
    ...warnings.flatMap(warningLines),
    ...goals.flatMap((goal) => ['', ...goalLines(goal, answer)]),
    ...(metrics.length === 0 ? [] : ['', 'Also measured on visitors (corrected among themselves):']),
    ...metrics.flatMap((goal) => ['', ...goalLines(goal, answer)]),
    ...(goals.length === 0 ? ['', 'No goal event yet.'] : []),
  ];
}

/** The conclusion, and under it the effect, the guardrails and what was checked. */
function conclusionLines({ conclusion: { title, lines, reasons }, exploratory }: ExperimentAnswer): string[] {
  const further = reasons.slice(1).map(({ text }) => text);
  return [
    printable(title),
    ...[lines.effect, lines.guardrails, lines.checks].flatMap((line) =>
      line === null ? [] : [`   ${printable(line)}`],
    ),
    ...(further.length === 0 ? [] : [`   also: ${printable(further.join('; '))}`]),
    ...(exploratory ? ["   by the experiment's own method over all visitors; what follows is exploratory"] : []),
  ];
}

function participantLines({ variants, firstEvent, lastEvent, countedSince }: ExperimentAnswer): string[] {
  const counts = variants.map(
    ({ name, participants, compared }) => `${printable(name)} ${participants}${compared ? '' : ' (not compared)'}`,
  );
  const times = firstEvent === null ? [] : [`Events from ${firstEvent} to ${lastEvent ?? firstEvent}.`];
  return [
    `Participants: ${counts.join(', ')}.`,
    ...times,
    ...(countedSince === null ? [] : [`Whole since ${countedSince}.`]),
  ];
}

const MARKS: Record<Warning['severity'], string> = { problem: '!!', caution: '! ', note: 'i ' };

function warningLines({ severity, message, cause, cure }: Warning): string[] {
  return [`${MARKS[severity]} ${printable(message)}`, `   ${printable(cause)} ${printable(cure)}`];
}

function goalLines(goal: GoalAnswer, { method }: ExperimentAnswer): string[] {
  const heading = `${printable(goal.label)}  [${goal.set}${goal.better === 'lower' ? ', lower is better' : ''}]${goal.received ? '' : '  no event yet'}`;
  return [
    heading,
    ...tableLines([HEADER, ...goal.results.map((result) => resultCells(goal, result, method))], NUMBERS),
  ];
}

export function resultCells(goal: GoalAnswer, result: GoalResult, method: ExperimentAnswer['method']): string[] {
  const { variant, measured, units, converted, comparison } = result;
  const isShare = metricKinds[goal.metric] === 'rate';
  const rate = measured.value === null ? '–' : isShare ? percent(measured.value) : threeDigits(measured.value);
  const evidence = comparison?.evidence[method];
  const lift = evidence && evidence.lift.value !== null ? evidence.lift : undefined;
  return [
    printable(variant),
    rate,
    `${converted}/${units}`,
    lift ? signedPercent(lift.value) : '',
    lift
      ? `${lift.low === null ? '−∞' : signedPercent(lift.low)} to ${lift.high === null ? '∞' : signedPercent(lift.high)}`
      : '',
    evidence ? certaintyOf(evidence) : '',
    comparison ? printable(comparison.verdict.sentence) : 'baseline',
  ];
}

function certaintyOf({
  adjustedP,
  chanceAbove,
}: NonNullable<NonNullable<GoalResult['comparison']>['evidence']['fixed']>): string {
  if (chanceAbove !== null) return `${percent(chanceAbove)} chance`;
  if (adjustedP === null) return '';
  return adjustedP < 0.0001 ? '< 0.0001' : threeDigits(adjustedP);
}
