import type { ExperimentAnswer, GoalAnswer, GoalResult, Warning } from '../../shared/contract/answers.ts';
import { undetermined } from '../../stats/estimate.ts';
import { resultCells } from './report-text.ts';

const WIDTH = 260;
const ROW = 22;

/** An experiment as one file that needs no network and no script. Every text in it is escaped. */
export function reportHtml(answer: ExperimentAnswer, writtenAt: string): string {
  const { name, namespace, segment, method, goals, metrics, warnings } = answer;
  const title = `${name} – A/B test`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
<h1><bdi>${escapeHtml(name)}</bdi></h1>
<p>Namespace <bdi>${escapeHtml(namespace)}</bdi>${segment === null ? '' : `, segment <bdi>${escapeHtml(segment)}</bdi>`}; method ${method};
written ${escapeHtml(writtenAt)}.</p>
${conclusionHtml(answer)}
${warnings.map(warningHtml).join('\n')}
${variantsHtml(answer)}
${goals.map((goal) => goalHtml(goal, method)).join('\n') || '<p>No goal event yet.</p>'}
${metrics.length === 0 ? '' : `<h2>Also measured on visitors</h2>\n${metrics.map((goal) => goalHtml(goal, method)).join('\n')}`}
</html>
`;
}

const STYLE = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:70rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:.5rem 0 1.5rem;width:100%}
th,td{padding:.25rem .6rem;text-align:left;border-bottom:1px solid #8886;vertical-align:top}
.number{text-align:right;font-variant-numeric:tabular-nums}
.conclusion{border:1px solid #8886;border-radius:.5rem;padding:.2rem 1rem}
.warning{border-left:.4rem solid #e69f00;padding:.2rem .8rem;margin:.6rem 0}
.problem{border-color:#d55e00}.note{border-color:#0072b2}
svg{display:block}.zero{stroke:currentColor;stroke-width:2}.bar{fill:#0072b2}.whisker{stroke:#0072b2;stroke-width:2}
`;

function conclusionHtml({ conclusion: { title, lines, reasons } }: ExperimentAnswer): string {
  const further = reasons.slice(1).map(({ text }) => text);
  const shown = [lines.effect, lines.guardrails, lines.checks, further.join('; ')].filter(
    (line) => line !== null && line !== '',
  );
  return `<section class="conclusion"><h2><bdi>${escapeHtml(title)}</bdi></h2><ul>${shown.map((line) => `<li>${escapeHtml(line ?? '')}</li>`).join('')}</ul></section>`;
}

function warningHtml({ severity, message, cause, cure }: Warning): string {
  return `<div class="warning ${severity}"><strong>${escapeHtml(message)}</strong><br>${escapeHtml(cause)} ${escapeHtml(cure)}</div>`;
}

function variantsHtml({ variants }: ExperimentAnswer): string {
  const rows = variants.map(({ name, participants, expected }) => [
    name,
    String(participants),
    expected === null ? '' : String(Math.round(expected)),
  ]);
  return tableHtml(
    'Participants',
    ['variant', 'participants', 'expected'],
    rows.map((cells) => cells.map(escapeHtml)),
  );
}

function goalHtml(goal: GoalAnswer, method: ExperimentAnswer['method']): string {
  const scale = scaleOf(goal);
  const rows = goal.results.map((result) => [
    ...resultCells(goal, result, method).map(escapeHtml),
    forestSvg(result, scale),
  ]);
  const caption = `${goal.label} (${goal.set}${goal.better === 'lower' ? ', lower is better' : ''})`;
  return tableHtml(
    caption,
    ['variant', 'rate', 'x/n', 'lift', 'interval', 'p or chance', 'verdict', `lift, ±${Math.round(scale * 100)} %`],
    rows,
  );
}

/** @param rows of HTML */
function tableHtml(caption: string, header: readonly string[], rows: readonly (readonly string[])[]): string {
  const head = header.map((cell) => `<th scope="col">${escapeHtml(cell)}</th>`).join('');
  const body = rows
    .map(
      (row) =>
        `<tr>${row.map((cell, i) => (i === 0 ? `<th scope="row"><bdi>${cell}</bdi></th>` : `<td>${cell}</td>`)).join('')}</tr>`,
    )
    .join('\n');
  return `<table><caption><bdi>${escapeHtml(caption)}</bdi></caption><thead><tr>${head}</tr></thead><tbody>\n${body}\n</tbody></table>`;
}

/** The largest end of any 95 % interval: all bars of a goal are on one axis. */
function scaleOf({ results }: GoalAnswer): number {
  const ends = results.flatMap(({ comparison }) => {
    const lift = comparison?.description?.lift;
    return lift && lift.value !== null ? [Math.abs(lift.interval95.low), Math.abs(lift.interval95.high)] : [];
  });
  return Math.max(0.05, Math.min(2, ...(ends.length > 0 ? [Math.max(...ends)] : [0.05])));
}

/** Bar 68 %, whiskers 95 %, a thick line at zero. */
function forestSvg({ variant, comparison }: GoalResult, scale: number): string {
  const lift = comparison?.description?.lift ?? undetermined('no comparison');
  if (lift.value === null) return '';
  const x = (value: number) => (((Math.max(-scale, Math.min(scale, value)) / scale + 1) / 2) * WIDTH).toFixed(1);
  const { interval68, interval95 } = lift;
  const [low, high] = [x(interval68.low), x(interval68.high)];
  const percentOf = (value: number) => `${(value * 100).toFixed(1)} %`;
  const sentence = `${variant}: lift ${percentOf(lift.value)}, 95 % interval ${percentOf(interval95.low)} to ${percentOf(interval95.high)}`;
  return `<svg role="img" aria-label="${escapeHtml(sentence)}" width="${WIDTH}" height="${ROW}" viewBox="0 0 ${WIDTH} ${ROW}"><line class="whisker" x1="${x(interval95.low)}" x2="${x(interval95.high)}" y1="11" y2="11"/><rect class="bar" x="${low}" y="6" width="${Math.max(1, Number(high) - Number(low)).toFixed(1)}" height="10"/><line class="zero" x1="${WIDTH / 2}" x2="${WIDTH / 2}" y1="0" y2="${ROW}"/></svg>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
