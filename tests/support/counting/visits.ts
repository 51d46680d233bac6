import type { TrackedEvent } from '../../../shared/contract/event.ts';

/** A visitor who is exposed, and then buys: the visitor's number is in the uuids and the unit. */
export function visitOf(visitor: number, experiment = 'button'): TrackedEvent[] {
  const about = { namespace: 'alephbet', experiment, variant: 'red', unit: `visitor-${visitor}` };
  return [
    { ...about, event: 'participate', uuid: `seen-${visitor}` },
    { ...about, event: 'buy', uuid: `bought-${visitor}`, value: 1.5 },
  ];
}

/** Many visitors' events, one visitor after the other. */
export function visits(first: number, count: number, experiment?: string): TrackedEvent[] {
  return Array.from({ length: count }, (_, index) => visitOf(first + index, experiment)).flat();
}

/** What has to be counted of so many visitors. */
export function countsOf(visitors: number): Record<string, number> {
  return { 'red:participate': visitors, 'red:buy': visitors };
}
