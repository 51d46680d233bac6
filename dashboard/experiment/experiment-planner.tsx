import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
import { threeDigits } from '../../shared/contract/figures.ts';
import { metricKinds } from '../../shared/contract/statistics.ts';
import { Planner } from '../planner/planner.tsx';
import type { PlanField } from '../state/place.ts';

/** The planner, begun with what this experiment has shown: its baseline's rate, its traffic, its settings. */
export function ExperimentPlanner({ answer }: { answer: ExperimentAnswer }) {
  return (
    <>
      <p class="soft lead">Begun with the rate, the traffic and the settings of this experiment.</p>
      <Planner suggestion={suggest(answer)} />
    </>
  );
}

function suggest({
  goals,
  variants,
  definition,
  alpha,
  imported,
  firstEvent,
  lastEvent,
}: ExperimentAnswer): Record<PlanField, string> {
  const goal = goals.find(({ metric }) => metricKinds[metric] === 'rate');
  const rate = goal?.results.find(({ comparison }) => !comparison)?.measured.value ?? null;
  const participants = variants.reduce((sum, variant) => sum + variant.participants, 0) - (imported?.participants ?? 0);
  const days = firstEvent && lastEvent ? Math.max(1, (Date.parse(lastEvent) - Date.parse(firstEvent)) / 86_400_000) : 1;
  return {
    rate: typed(rate !== null && rate > 0 && rate < 1 ? rate : 0.05),
    lift: typed(definition?.smallestLift ?? 0.05),
    alpha: typed(alpha),
    power: typed(definition?.power ?? 0.8),
    arms: String(Math.max(2, variants.filter(({ compared }) => compared).length)),
    daily: String(Math.max(1, Math.round(participants / days))),
  };
}

/** A share as a reader would type it: a percentage. */
function typed(share: number): string {
  return threeDigits(share * 100);
}
