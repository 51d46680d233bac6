import type { Metric } from '../../shared/contract/statistics.ts';
import { Name } from '../parts/labels.tsx';
import { metricWords } from '../text/sentences.ts';
import type { EditFieldsProps, GoalChoice } from './edit-form.ts';

const setOptions: { value: GoalChoice['set']; label: string }[] = [
  { value: '', label: 'Not named' },
  { value: 'primary', label: 'Primary' },
  { value: 'secondary', label: 'Secondary' },
  { value: 'guardrail', label: 'Guardrail' },
];

const metricOptions: { value: GoalChoice['metric']; label: string }[] = [
  { value: '', label: 'As usual' },
  ...Object.entries(metricWords).map(([value, { choice }]) => ({ value: value as Metric, label: choice })),
];

/** How each goal is measured, which set it is in, and which way is good. */
export function GoalFields({ form, onChange }: EditFieldsProps) {
  if (form.goals.length === 0) return null;
  const change = (index: number, part: Partial<GoalChoice>) =>
    onChange({ goals: form.goals.map((goal, at) => (at === index ? { ...goal, ...part } : goal)) });
  return (
    <fieldset>
      <legend>Goals</legend>
      <table class="goal-fields">
        <thead>
          <tr>
            <th scope="col">Goal</th>
            <th scope="col">Measured by</th>
            <th scope="col">Set</th>
            <th scope="col">Good is</th>
          </tr>
        </thead>
        <tbody>
          {form.goals.map((goal, index) => (
            <tr key={index}>
              <th scope="row">
                <Name of={goal.name} />
              </th>
              <td>
                <select
                  aria-label={`How ${goal.name} is measured`}
                  value={goal.metric}
                  onChange={({ currentTarget: { value } }) =>
                    change(index, { metric: metricOptions.find((one) => one.value === value)?.value ?? '' })
                  }
                >
                  {metricOptions.map(({ value, label }) => (
                    <option key={value} value={value} selected={value === goal.metric}>
                      {label}
                    </option>
                  ))}
                </select>
              </td>
              <td>
                <select
                  aria-label={`Set of ${goal.name}`}
                  value={goal.set}
                  onChange={({ currentTarget: { value } }) =>
                    change(index, { set: setOptions.find((one) => one.value === value)?.value ?? '' })
                  }
                >
                  {setOptions.map(({ value, label }) => (
                    <option key={value} value={value} selected={value === goal.set}>
                      {label}
                    </option>
                  ))}
                </select>
              </td>
              <td>
                <select
                  aria-label={`Which way of ${goal.name} is good`}
                  value={goal.better}
                  onChange={({ currentTarget: { value } }) =>
                    change(index, { better: value === 'lower' ? 'lower' : 'higher' })
                  }
                >
                  <option value="higher" selected={goal.better === 'higher'}>
                    Higher
                  </option>
                  <option value="lower" selected={goal.better === 'lower'}>
                    Lower
                  </option>
                </select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </fieldset>
  );
}
