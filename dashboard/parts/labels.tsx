import type { ExperimentStatus } from '../../shared/contract/answers.ts';
import type { Advice, Conclusion } from '../../shared/contract/report/conclusion.ts';
import type { Verdict } from '../../shared/contract/statistics.ts';
import { verdictWord } from '../text/sentences.ts';
import { Icon, type IconName } from './icon.tsx';

/** A name that somebody else chose: plain text of any script, whose writing direction ends with it. */
export function Name({ of }: { of: string }) {
  return <bdi class="name">{of}</bdi>;
}

const words: Record<ExperimentStatus, string> = { running: 'Running', draft: 'Draft', ended: 'Ended' };

export function StatusChip({ status }: { status: ExperimentStatus }) {
  return <span class={`status status-${status}`}>{words[status]}</span>;
}

const looks: Record<Verdict['kind'], { icon: IconName; tone: string }> = {
  winning: { icon: 'up', tone: 'good' },
  losing: { icon: 'down', tone: 'bad' },
  'no clear difference': { icon: 'same', tone: 'plain' },
  'no difference': { icon: 'same', tone: 'plain' },
  exploratory: { icon: 'search', tone: 'plain' },
  'too early': { icon: 'wait', tone: 'plain' },
  'need data': { icon: 'wait', tone: 'plain' },
  invalid: { icon: 'problem', tone: 'problem' },
};

/** A verdict as a sign, a word and a colour, each of which is enough by itself. */
export function VerdictChip({ verdict }: { verdict: Verdict }) {
  const { icon, tone } = looks[verdict.kind];
  return (
    <span class={`chip chip-${tone}`}>
      <Icon name={icon} />
      {verdictWord(verdict)}
    </span>
  );
}

const adviceLooks: Record<Advice, { icon: IconName; tone: string }> = {
  decided: { icon: 'flag', tone: 'plain' },
  'fix first': { icon: 'problem', tone: 'problem' },
  ship: { icon: 'up', tone: 'good' },
  'do not ship': { icon: 'down', tone: 'bad' },
  stop: { icon: 'same', tone: 'plain' },
  wait: { icon: 'wait', tone: 'plain' },
};

/** What an experiment comes to, as a sign, its title and a colour. */
export function AdviceChip({ conclusion: { advice, title } }: { conclusion: Conclusion }) {
  const { icon, tone } = adviceLooks[advice];
  return (
    <span class={`chip chip-advice chip-${tone}`}>
      <Icon name={icon} />
      <span dir="auto">{title}</span>
    </span>
  );
}
