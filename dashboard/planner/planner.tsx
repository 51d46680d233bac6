import { useEffect, useId } from 'preact/hooks';
import { type PlanField, planFields } from '../state/place.ts';
import { usePlace } from '../state/use-place.tsx';
import { PlanAnswer } from './plan-answer.tsx';
import { faultOf, readPlan } from './read-plan.ts';

export function PlannerPage() {
  useEffect(() => {
    document.title = 'Planner · Mem';
  }, []);
  return (
    <main id="main" class="page">
      <div class="page-head">
        <h1>Planner</h1>
      </div>
      <p class="soft lead">
        How many participants an experiment needs, how long that takes, and what it could see by then.
      </p>
      <Planner suggestion={{ rate: '5', lift: '10', alpha: '5', power: '80', arms: '2', daily: '1000' }} />
    </main>
  );
}

const labels: Record<PlanField, { label: string; unit: string }> = {
  rate: { label: 'Rate of the baseline', unit: '%' },
  lift: { label: 'Smallest lift worth knowing', unit: '%' },
  alpha: { label: 'False winners accepted', unit: '%' },
  power: { label: 'Chance to see the lift', unit: '%' },
  arms: { label: 'Variants, with the baseline', unit: '' },
  daily: { label: 'Participants a day', unit: '' },
};

/** What is typed stands in the URL; until then each field has its suggestion. */
export function Planner({ suggestion }: { suggestion: Readonly<Record<PlanField, string>> }) {
  const { place, go } = usePlace();
  const typed = Object.fromEntries(
    planFields.map((field) => [field, place.plan[field] ?? suggestion[field]]),
  ) as Record<PlanField, string>;
  const input = readPlan(typed);
  return (
    <div class="planner">
      <form class="card planner-form" onSubmit={(event) => event.preventDefault()}>
        {planFields.map((field) => (
          <PlanInput
            key={field}
            field={field}
            value={typed[field]}
            onType={(value) => go({ plan: { ...place.plan, [field]: value } }, 'replace')}
          />
        ))}
      </form>
      {typeof input === 'string' ? (
        <p class="card empty" role="status">
          {input}
        </p>
      ) : (
        <PlanAnswer input={input} />
      )}
    </div>
  );
}

function PlanInput({ field, value, onType }: { field: PlanField; value: string; onType: (value: string) => void }) {
  const id = useId();
  const fault = faultOf(field, value);
  const { label, unit } = labels[field];
  return (
    <div class="field">
      <label for={id}>{unit === '' ? label : `${label}, ${unit}`}</label>
      <input
        id={id}
        inputMode="decimal"
        autocomplete="off"
        value={value}
        aria-invalid={fault !== null}
        {...(fault !== null && { 'aria-describedby': `${id}-fault` })}
        onInput={(event) => onType(event.currentTarget.value)}
      />
      {fault !== null && (
        <span id={`${id}-fault`} class="form-error">
          {fault}
        </span>
      )}
    </div>
  );
}
