import type { StreamEvent } from '../../contract/event.ts';
import type { RefusalCode } from './refusal.ts';

/** Says how much of what is refused is kept: somebody may send millions of made-up events. */
export interface Samples {
  /** Whether one more of a group is kept in this hour; it counts as kept then. */
  take: (group: string) => boolean;
}

const SAMPLES_PER_HOUR = 100;
const HOUR_MS = 3_600_000;

/** So many of each group in each hour, for the life of a process. @param now ms since 1970 */
export function createSamples(now: () => number, most = SAMPLES_PER_HOUR): Samples {
  const taken = new Map<string, number>();
  let hour = 0;
  return {
    take(group) {
      const present = Math.floor(now() / HOUR_MS);
      if (present !== hour) taken.clear();
      hour = present;
      const before = taken.get(group) ?? 0;
      if (before >= most) return false;
      taken.set(group, before + 1);
      return true;
    },
  };
}

/** A reason and its experiment, or what of it is no made-up name: there are as many groups as admitted experiments. */
export function groupOf(code: RefusalCode, { namespace, experiment = '' }: StreamEvent): string {
  if (code === 'too_many_namespaces' || code === 'undefined_experiments') return code;
  return JSON.stringify([code, namespace, code === 'too_many_experiments' ? '' : experiment]);
}
