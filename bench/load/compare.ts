import type { ExperimentAnswer, SeriesAnswer } from '../../shared/contract/answers.ts';
import type { GimelGoal } from '../../shared/reporting/formats/gimel.ts';
import { EXPOSURE } from '../../shared/contract/event.ts';
import { counterName, type ExpectedExperiment } from './expected-counts.ts';

/** Reads JSON from a path of the report. */
export type Read = (path: string, query: Record<string, string>) => Promise<unknown>;

export interface Comparison {
  /** How many counters were compared. */
  counters: number;
  /** Every counter that is not what it has to be, in words. */
  differences: string[];
}

/** Compares all counters of a load with what they have to be: counts, counts in segments, days, and Gimel's report. */
export async function compareCounts(
  expected: readonly ExpectedExperiment[],
  tag: string,
  read: Read,
): Promise<Comparison> {
  const comparison: Comparison = { counters: 0, differences: [] };
  for (const experiment of expected) await compareExperiment(experiment, read, comparison);
  for (const namespace of new Set(expected.map((experiment) => experiment.namespace))) {
    const inNamespace = expected.filter((experiment) => experiment.namespace === namespace);
    await compareNamespace(namespace, inNamespace, tag, read, comparison);
  }
  return comparison;
}

/** Exposures of one experiment so far. */
export async function readParticipants(name: string, read: Read): Promise<number> {
  const { variants } = (await read('/v1/experiment', { experiment: name })) as ExperimentAnswer;
  return variants.reduce((sum, variant) => sum + variant.exposures, 0);
}

async function compareExperiment({ namespace, name, counts }: ExpectedExperiment, read: Read, comparison: Comparison) {
  const query = { namespace, experiment: name };
  const whole = (await read('/v1/experiment', query)) as ExperimentAnswer;
  const labels = Object.entries(whole.segments).flatMap(([key, values]) => values.map((value) => `${key}=${value}`));

  const got = new Map(countsOf(whole));
  for (const segment of labels) {
    for (const [counter, count] of countsOf(
      (await read('/v1/experiment', { ...query, segment })) as ExperimentAnswer,
    )) {
      got.set(counter, count);
    }
  }
  compareMaps(`${namespace}/${name}`, counts, got, comparison);

  // Days are of all visitors together, and add up to the counts.
  const unsegmented = new Map([...counts].filter(([counter]) => (JSON.parse(counter) as string[]).length === 2));
  const byDays = new Map<string, number>();
  for (const goal of [undefined, ...whole.goals.map((answer) => answer.name)]) {
    const series = (await read('/v1/series', { ...query, ...(goal !== undefined && { goal }) })) as SeriesAnswer;
    for (const { name: variant, participants, conversions } of series.variants) {
      const sum = (goal === undefined ? participants : conversions).reduce((total, count) => total + count, 0);
      if (sum > 0) byDays.set(counterName(variant, goal ?? EXPOSURE), sum);
    }
  }
  compareMaps(`${namespace}/${name}, all days`, unsegmented, byDays, comparison);
}

/** The counters of a report, without those that are 0 only because others of the same variant or goal are not. */
function countsOf({ variants, goals, segment }: ExperimentAnswer): [string, number][] {
  const exposed = variants.map(({ name, exposures }): [string, number] => [
    counterName(name, EXPOSURE, segment ?? undefined),
    exposures,
  ]);
  const conversions = goals.flatMap(({ name, results }) =>
    results.map(({ variant, count }): [string, number] => [counterName(variant, name, segment ?? undefined), count]),
  );
  return [...exposed, ...conversions].filter(([, count]) => count !== 0);
}

/** No experiment may be there that nobody sent, and Gimel's report has to say the same. */
async function compareNamespace(
  namespace: string,
  expected: readonly ExpectedExperiment[],
  tag: string,
  read: Read,
  comparison: Comparison,
) {
  const { experiments } = (await read('/v1/experiments', { namespace })) as { experiments: { name: string }[] };
  const ours = experiments.filter(({ name }) => name.endsWith(tag));
  const names = new Map(ours.map(({ name }) => [name, 1]));
  compareMaps(`experiments of ${namespace}`, new Map(expected.map(({ name }) => [name, 1])), names, comparison);

  const [, ...reports] = (await read('/experiments', { namespace })) as { experiment: string; goals: GimelGoal[] }[];
  for (const { name, counts } of expected) {
    const goals = reports.find(({ experiment }) => experiment === name)?.goals ?? [];
    const got = new Map<string, number>();
    const wanted = new Map<string, number>();
    for (const { goal, results } of goals) {
      for (const { label, successes, trials } of results) {
        got.set(`${label}: ${goal}`, successes).set(`${label}: trials`, trials);
        wanted.set(`${label}: ${goal}`, counts.get(counterName(label, goal)) ?? 0);
        wanted.set(`${label}: trials`, counts.get(counterName(label, EXPOSURE)) ?? 0);
      }
    }
    compareMaps(`Gimel's report of ${namespace}/${name}`, wanted, got, comparison);
  }
}

function compareMaps(what: string, expected: Map<string, number>, got: Map<string, number>, comparison: Comparison) {
  for (const counter of new Set([...expected.keys(), ...got.keys()])) {
    comparison.counters += 1;
    const [wanted = 0, found = 0] = [expected.get(counter), got.get(counter)];
    if (wanted !== found) comparison.differences.push(`${what}, ${counter}: expected ${wanted}, got ${found}`);
  }
}
