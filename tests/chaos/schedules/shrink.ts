import type { Schedule, Step } from './schedule.ts';

/**
 * Leaves out of a failing schedule whatever it fails without: first long runs of steps, then single ones, then single
 * events.
 * @param fails whether a schedule fails
 * @param budgetMs after so long, the shortest that was found is the answer
 */
export async function shrink(
  schedule: Schedule,
  fails: (schedule: Schedule) => Promise<boolean>,
  budgetMs: number,
): Promise<Schedule> {
  const deadline = Date.now() + budgetMs;
  let shortest = schedule;
  const tryOut = async (steps: Step[]) => {
    const candidate = { ...shortest, steps };
    if (Date.now() > deadline || !(await fails(candidate))) return false;
    shortest = candidate;
    return true;
  };

  for (let size = Math.ceil(schedule.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let first = 0; first < shortest.steps.length;) {
      const without = [...shortest.steps.slice(0, first), ...shortest.steps.slice(first + size)];
      if (!(await tryOut(without))) first += size;
    }
  }
  for (let index = 0; index < shortest.steps.length; index += 1) await dropEvents(index);
  return shortest;

  async function dropEvents(index: number): Promise<void> {
    for (let event = 0; ;) {
      const step = shortest.steps[index];
      if (!step || !('events' in step) || step.events.length < 2 || event >= step.events.length) return;
      const fewer = { ...step, events: step.events.filter((_, position) => position !== event) };
      if (!(await tryOut(shortest.steps.with(index, fewer)))) event += 1;
    }
  }
}
