import { Choice } from '../parts/choice.tsx';
import { TextField } from '../parts/text-field.tsx';
import type { EditFieldsProps } from './edit-fields.tsx';

const GIVEN_UP = 'given up';
/** Before a name, so that a variant may be called anything. */
const STAYS = 'stays ';

/** What came of the experiment. */
export function DecisionFields({ form, onChange }: EditFieldsProps) {
  const value = form.decision === 'variant' ? STAYS + form.decidedVariant : form.decision === 'open' ? '' : GIVEN_UP;
  const options = [
    { value: '', label: 'Still open' },
    { value: GIVEN_UP, label: 'Given up' },
    ...form.weights.map(({ name }) => ({ value: STAYS + name, label: `${name} stays` })),
  ];
  const choose = (chosen: string) => {
    if (chosen.startsWith(STAYS)) onChange({ decision: 'variant', decidedVariant: chosen.slice(STAYS.length) });
    else onChange({ decision: chosen === GIVEN_UP ? GIVEN_UP : 'open' });
  };
  return (
    <fieldset>
      <legend>Decision</legend>
      <div class="decision-grid">
        <Choice label="Outcome" value={value} options={options} onChoose={choose} />
        {form.decision !== 'open' && (
          <>
            <TextField
              label="Decided on"
              type="date"
              value={form.decidedDay}
              onType={(decidedDay) => onChange({ decidedDay })}
            />
            <TextField label="Note" value={form.decidedNote} onType={(decidedNote) => onChange({ decidedNote })} wide />
          </>
        )}
      </div>
    </fieldset>
  );
}
