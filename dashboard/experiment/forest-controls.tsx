import type { ExperimentAnswer, GoalAnswer } from '../../shared/contract/answers.ts';
import { Legend } from '../charts/legend.tsx';
import { Menu } from '../parts/menu.tsx';
import { Name } from '../parts/labels.tsx';
import { usePlace } from '../state/use-place.tsx';

interface ForestControlsProps {
  answer: ExperimentAnswer;
  metrics: readonly GoalAnswer[];
}

/** Which metrics and variants are drawn, and whether what is significant stands out. */
export function ForestControls({ answer, metrics }: ForestControlsProps) {
  const { place, go } = usePlace();
  const { mutedVariants, leftOutMetrics } = place;
  const variants = answer.variants.filter(({ compared }) => compared).map(({ name }) => name);
  return (
    <div class="chart-controls">
      <Legend
        variants={variants}
        withoutBaseline
        muted={mutedVariants}
        onToggle={(name) => go({ mutedVariants: toggled(mutedVariants, name) }, 'replace')}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={!place.plain}
          onChange={(event) => go({ plain: !event.currentTarget.checked }, 'replace')}
        />
        Highlight significant
      </label>
      <Menu label="Metrics">
        <fieldset class="menu-checks">
          <legend>Metrics to draw</legend>
          {metrics.map(({ id, label }) => (
            <label key={id} class="check">
              <input
                type="checkbox"
                checked={!leftOutMetrics.includes(id)}
                onChange={() => go({ leftOutMetrics: toggled(leftOutMetrics, id) }, 'replace')}
              />
              <Name of={label} />
            </label>
          ))}
        </fieldset>
      </Menu>
    </div>
  );
}

function toggled(names: readonly string[], name: string): string[] {
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}
