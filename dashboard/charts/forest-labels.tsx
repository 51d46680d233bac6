import type { GoalAnswer } from '../../shared/contract/answers.ts';
import { isolate, shorten } from '../text/isolate.ts';
import { metricWords } from '../text/sentences.ts';

/** About how wide a character is, in pixels: SVG text does not wrap or cut itself. */
const CHARACTER = 7;

export function GroupLabel({ goal, y, width }: { goal: GoalAnswer; y: number; width: number }) {
  const label = shorten(goal.label, Math.floor(width / 2 / CHARACTER));
  const about = goal.better === 'lower' ? `${metricWords(goal)}, lower is better` : metricWords(goal);
  const room = Math.floor((width - label.length * (CHARACTER + 1)) / (CHARACTER - 1)) - 4;
  return (
    <text class="forest-head" x="0" y={y + 18}>
      <title>{goal.description ?? goal.label}</title>
      {isolate(label)}
      {room > 12 && (
        <tspan class="forest-about" dx="8">
          {shorten(about, room)}
        </tspan>
      )}
    </text>
  );
}

export function VariantLabel({ name, x, y, width }: { name: string; x: number; y: number; width: number }) {
  return (
    <text class="forest-variant" x={x} y={y}>
      {isolate(shorten(name, Math.floor(width / CHARACTER)))}
    </text>
  );
}
