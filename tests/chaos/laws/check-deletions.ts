import { experimentName } from '../../../shared/contract/experiment-id.ts';
import { EXPERIMENTS } from '../world/traffic.ts';
import type { World } from '../world/world.ts';

/** What one operator was told to be forgotten does not come back because the next one's clock is behind. */
export function checkDeletions({ tables }: World): string[] {
  return EXPERIMENTS.flatMap(({ namespace, experiment }) => {
    const name = experimentName(namespace, experiment);
    const times = tables.deletionTimes(name);
    const isInOrder = times.every((time, index) => index === 0 || time >= (times[index - 1] ?? 0));
    return isInOrder ? [] : [`the deletions of ${name} go back: ${times.join(', ')}`];
  });
}
