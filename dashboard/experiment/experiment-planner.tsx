import type { ExperimentAnswer } from '../../shared/contract/answers.ts';
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
  const goal = goals.find(({ metric }) => metric === 'conversions' || metric === 'pct');
  const rate = goal?.results.find(({ comparison }) => !comparison)?.measured.value ?? null;
  const participants = variants.reduce((sum, variant) => sum + variant.participants, 0) - (imported?.participants ?? 0);
  const days = firstEvent && lastEvent ? Math.max(1, (Date.parse(lastEvent) - Date.parse(firstEvent)) / 86_400_000) : 1;
  return {
    rate: percent(rate !== null && rate > 0 && rate < 1 ? rate : 0.05),
    lift: percent(definition?.smallestLift ?? 0.05),
    alpha: percent(alpha),
    power: percent(definition?.power ?? 0.8),
    arms: String(Math.max(2, variants.filter(({ compared }) => compared).length)),
    daily: String(Math.max(1, Math.round(participants / days))),
  };
}

function percent(share: number): string {
  return String(Number((share * 100).toPrecision(3)));
}
