import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { methods } from '../../shared/contract/statistics.ts';
import { Choice } from '../parts/fields.tsx';
import { usePlace } from '../state/use-place.tsx';
import { methodNames, methodNotes } from '../text/sentences.ts';

/** What the figures are of, and by which method: for this reader and this link, not for the definition. */
export function Choices({ answer }: { answer: ExperimentAnswer }) {
  const { place, go } = usePlace();
  const usualMethod = answer.definition?.method ?? 'sequential';
  const segments = segmentLabels(answer);
  const variants = answer.variants.filter(({ compared }) => compared);
  const chooseMethod = (value: string) => {
    const method = methods.find((one) => one === value) ?? null;
    go({ method: method === usualMethod ? null : method });
  };
  return (
    <div class="toolbar">
      {segments.length > 0 && place.view === 'results' && (
        <Choice
          label="Visitors"
          value={place.segment ?? ''}
          options={[{ value: '', label: 'All' }, ...segments.map((label) => ({ value: label, label }))]}
          onChoose={(value) => go({ segment: value === '' ? null : value })}
        />
      )}
      {answer.baseline !== null && (
        <Choice
          label="Baseline"
          value={answer.baseline}
          options={variants.map(({ name }) => ({ value: name, label: name }))}
          onChoose={(baseline) => go({ baseline })}
        />
      )}
      {(answer.moreGoals.length > 0 || place.only !== null) && (
        <Choice
          label="Goal"
          value={place.only ?? ''}
          options={[
            { value: '', label: 'The first ones' },
            ...[...(place.only === null ? [] : [place.only]), ...answer.moreGoals].map((name) => ({
              value: name,
              label: name,
            })),
          ]}
          onChoose={(value) => go({ only: value === '' ? null : value })}
        />
      )}
      <Choice
        label="Method"
        value={answer.method}
        options={methods.map((method) => ({ value: method, label: methodNames[method] }))}
        onChoose={chooseMethod}
      />
      <p class="toolbar-note">
        {methodNames[answer.method]}: {methodNotes[answer.method]}
        {answer.method === usualMethod
          ? '.'
          : `. The verdicts of this experiment are by ${methodNames[usualMethod].toLowerCase()}.`}
      </p>
    </div>
  );
}

/** `platform=ios`, as the API names them. */
export function segmentLabels({ segments }: Pick<ExperimentAnswer, 'segments'>): string[] {
  return Object.entries(segments).flatMap(([key, values]) => values.map((value) => `${key}=${value}`));
}
