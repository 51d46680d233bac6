import { formatCount, formatRoughly, plural } from '../text/format.ts';
import { fixedPower, fixedSize, sequentialPower, sequentialSize, smallestLift } from './plan.ts';
import type { PlanInput } from './read-plan.ts';

/** What is told ahead: these many days. */
const OUTLOOK_DAYS = [7, 14, 28, 56];

export function PlanAnswer({ input: { plan, daily } }: { input: PlanInput }) {
  const ways = [
    {
      name: 'Sequential',
      note: 'Look every day, and stop when it is clear.',
      perArm: sequentialSize(plan),
      main: true,
    },
    { name: 'Fixed horizon', note: 'Look once, on the last day.', perArm: fixedSize(plan), main: false },
  ];
  const outlook = OUTLOOK_DAYS.map((days) => ({ days, perArm: (daily * days) / plan.arms }));
  const liftText = (lift: number | null) => (lift === null ? 'none' : formatRoughly(lift));
  return (
    <div class="plan-answer" aria-live="polite">
      <div class="plan-ways">
        {ways.map(({ name, note, perArm, main }) => (
          <section key={name} class={main ? 'card plan-way plan-way-main' : 'card plan-way'}>
            <h2>{name}</h2>
            <p class="plan-days">{plural(Math.ceil((perArm * plan.arms) / daily), 'day')}</p>
            <p>
              {formatCount(perArm)} participants in each variant, {formatCount(perArm * plan.arms)} in all
            </p>
            <p class="soft">{note}</p>
          </section>
        ))}
      </div>
      <section class="card table-card scrolls" tabIndex={0} role="region" aria-label="What could be seen by when">
        <table>
          <caption>
            The smallest lift seen with a chance of {formatRoughly(plan.power)}, and the chance to see{' '}
            {formatRoughly(plan.lift)}
          </caption>
          <thead>
            <tr>
              <th scope="col">After</th>
              <th scope="col" class="number">
                Each variant has
              </th>
              <th scope="col" class="number">
                Sequential
              </th>
              <th scope="col" class="number">
                Its chance
              </th>
              <th scope="col" class="number">
                Fixed horizon
              </th>
              <th scope="col" class="number">
                Its chance
              </th>
            </tr>
          </thead>
          <tbody>
            {outlook.map(({ days, perArm }) => (
              <tr key={days}>
                <th scope="row">
                  {days / 7} {days === 7 ? 'week' : 'weeks'}
                </th>
                <td class="number">{formatCount(perArm)}</td>
                <td class="number">{liftText(smallestLift(plan, perArm, sequentialPower))}</td>
                <td class="number">{formatRoughly(sequentialPower(plan, perArm))}</td>
                <td class="number">{liftText(smallestLift(plan, perArm, fixedPower))}</td>
                <td class="number">{formatRoughly(fixedPower(plan, perArm))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}
