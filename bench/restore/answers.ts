import type { ExperimentList } from '../../shared/contract/answers.ts';
import type { Read } from '../load/compare.ts';

/** Everything that a report says of everything, by where it says it: `/v1/experiment button /variants/0/exposures`. */
export type Figures = Map<string, unknown>;

/** Sums of decimals depend on the order of adding up, in their last digits. */
const RELATIVE_TOLERANCE = 1e-9;

/** When an answer was given. */
const OF_THE_MOMENT = /\/(generatedAt|asOf|now)$/;

/** The lists alone, which tell cheaply whether counters are still being rebuilt. */
export async function readLists(namespaces: readonly string[], read: Read): Promise<Figures> {
  const figures: Figures = new Map();
  for (const namespace of namespaces) collect(`${namespace} `, await read('/experiments', { namespace }), figures);
  return figures;
}

/**
 * Reads counts in all segments, days, moments and what follows from them, approximate uniques and activity.
 * @param namespaces all that had events
 */
export async function readFigures(namespaces: readonly string[], read: Read): Promise<Figures> {
  const figures: Figures = new Map();
  const add = async (path: string, query: Record<string, string>) => {
    collect(`${path} ${JSON.stringify(query)} `, await read(path, query), figures);
  };
  for (const namespace of namespaces) {
    await add('/v1/experiments', { namespace });
    await add('/experiments', { namespace });
    const { experiments } = (await read('/v1/experiments', { namespace })) as ExperimentList;
    for (const { name: experiment } of experiments) {
      const answer = await read('/v1/experiment', { namespace, experiment });
      const { segments, goals } = answer as { segments: Record<string, string[]>; goals: { name: string }[] };
      collect(`/v1/experiment ${namespace} ${experiment} `, answer, figures);
      for (const [key, values] of Object.entries(segments)) {
        for (const value of values) await add('/v1/experiment', { namespace, experiment, segment: `${key}=${value}` });
      }
      for (const { name: goal } of goals) await add('/v1/series', { namespace, experiment, goal });
    }
  }
  return figures;
}

function collect(place: string, value: unknown, figures: Figures): void {
  if (OF_THE_MOMENT.test(place)) return;
  if (typeof value !== 'object' || value === null) figures.set(place, value);
  else for (const [name, part] of Object.entries(value)) collect(`${place}/${name}`, part, figures);
}

/** Every figure that is not what it was, in words. */
export function differences(before: Figures, after: Figures): string[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((place) => {
    const [was, is] = [before.get(place), after.get(place)];
    return areEqual(was, is) ? [] : [`${place}: was ${JSON.stringify(was)}, is ${JSON.stringify(is)}`];
  });
}

function areEqual(was: unknown, is: unknown): boolean {
  if (was === is) return true;
  if (typeof was !== 'number' || typeof is !== 'number') return false;
  return Math.abs(was - is) <= RELATIVE_TOLERANCE * Math.max(Math.abs(was), Math.abs(is));
}
