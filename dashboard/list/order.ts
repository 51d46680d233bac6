import type { ExperimentListItem, ExperimentStatus } from '../../shared/contract/answers.ts';

const statusRank: Record<ExperimentStatus, number> = { running: 0, draft: 1, ended: 2 };

export interface Filter {
  search: string;
  status: ExperimentStatus | null;
  showHidden: boolean;
}

/** What the list shows: what needs a decision first, then running ones, among them those with problems, then by what happened last. */
export function orderExperiments(experiments: readonly ExperimentListItem[], filter: Filter): ExperimentListItem[] {
  const sought = filter.search.trim().toLowerCase();
  return experiments
    .filter(({ hidden }) => filter.showHidden || !hidden)
    .filter(({ status }) => filter.status === null || status === filter.status)
    .filter(({ name }) => name.toLowerCase().includes(sought))
    .sort(
      (a, b) =>
        Number(b.conclusion.needsDecision) - Number(a.conclusion.needsDecision) ||
        statusRank[a.status] - statusRank[b.status] ||
        urgencyOf(a) - urgencyOf(b) ||
        (b.lastEvent ?? '').localeCompare(a.lastEvent ?? '') ||
        a.name.localeCompare(b.name),
    );
}

/** Only a problem moves an experiment up: it is what has to be looked at today. */
function urgencyOf({ warnings }: ExperimentListItem): number {
  return warnings.some(({ severity }) => severity === 'problem') ? 0 : 1;
}
