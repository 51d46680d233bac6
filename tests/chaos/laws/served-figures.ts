import { experimentId, experimentName } from '../../../shared/contract/experiment-id.ts';
import type { SwitchResult } from '../../../shared/counting/counters.ts';
import type { World } from '../world/world.ts';

/** Makes a switch, and notes every served count that it takes back. */
export async function watchSwitch(
  world: World,
  other: string,
  switchTo: () => Promise<SwitchResult>,
): Promise<SwitchResult> {
  const served = await world.box.counters.readPointer();
  const before = served === undefined ? new Map<string, number>() : await countsOf(world, served);
  const result = await switchTo();
  if (result !== 'switched') return result;
  const after = await countsOf(world, other);
  for (const [field, count] of before) {
    const found = after.get(field) ?? 0;
    if (found < count) world.broken.push(`the switch to ${other} took ${field} back from ${count} to ${found}`);
  }
  return result;
}

/** The counts of living experiments in one generation. */
async function countsOf({ box, tables }: World, generation: string): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  for (const ref of await box.counterReader.experiments(generation)) {
    if (tables.incarnationOf(experimentName(ref.namespace, ref.experiment)).number !== ref.incarnation) continue;
    const fields = await box.redis.hgetall(box.keys.counts(generation, experimentId(ref)));
    for (const [field, count] of Object.entries(fields)) counts.set(`${experimentId(ref)} ${field}`, Number(count));
  }
  return counts;
}
