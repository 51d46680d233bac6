import type { ExperimentStatus } from '../../shared/contract/answers.ts';

const words: Record<ExperimentStatus, string> = { running: 'Running', draft: 'Draft', ended: 'Ended' };

export function StatusChip({ status }: { status: ExperimentStatus }) {
  return <span class={`status status-${status}`}>{words[status]}</span>;
}
