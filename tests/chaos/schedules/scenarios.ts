import { deliverTarget, deliveries, healTarget, replayTarget, requests, type Scenario } from './enumerate.ts';
import type { Step } from './schedule.ts';

/** Counted, written to disk, and more counted: what a Redis that goes back to its disk loses. */
const counted: Step[] = [
  ...requests(11, 5),
  ...deliveries(1, 2, 6),
  { do: 'snapshot', name: 1 },
  ...requests(12, 5),
  ...deliveries(11, 4, 7),
];
const lost: Step = { do: 'roll back', to: 1 };
const DAY_MS = 86_400_000;
/** Keys of the first and of the second of two shards. */
const TWO_KEYS = ['east', 'west'];
/** Counted, come again on both shards when the window is over, and new for whichever of them is first. */
const again: Step[] = [
  ...requests(17, 3),
  ...deliveries(1, 3, 20),
  { do: 'pass', ms: 31 * DAY_MS },
  { do: 'trim' },
  ...requests(17, 3).flatMap((step) => (step.do === 'put' ? TWO_KEYS.map((key) => ({ ...step, key })) : [])),
];
const split: Step = { do: 'split', shard: 0 };

/** One for each way that counting can go. */
export const scenarios = [
  { name: 'a batch', shards: 1, before: [...counted, ...requests(13, 4)], target: deliverTarget },
  {
    name: 'a batch with names that find no place',
    shards: 1,
    before: [...requests(15, 3, 0.5), ...deliveries(1, 1, 6), { do: 'snapshot', name: 1 }, ...requests(16, 6, 0.6)],
    target: deliverTarget,
    limits: { namespaces: 3, experiments: 3, variants: 3, goals: 3, segments: 3, visitorGoals: 3 },
  },
  {
    name: 'a batch after Redis has lost writes',
    shards: 1,
    before: [...counted, ...requests(13, 4), lost],
    target: deliverTarget,
  },
  {
    name: 'a batch of a child whose parent has lost writes',
    shards: 1,
    before: [...counted, split, ...requests(13, 4), ...deliveries(31, 1, 2), ...requests(14, 4), lost],
    target: deliverTarget,
  },
  {
    name: 'the first batch of a child',
    shards: 1,
    before: [...counted, split, ...requests(13, 6)],
    target: deliverTarget,
  },
  {
    name: 'a batch of events that come again after their window',
    shards: 2,
    before: again,
    target: { ...deliverTarget, shard: 0.9 },
  },
  {
    name: 'the heal of a Redis that has lost writes of several shards',
    shards: 2,
    before: [...counted, split, ...requests(13, 4), ...deliveries(31, 4, 9), lost],
    target: healTarget,
  },
  {
    name: 'the heal of an empty Redis',
    shards: 1,
    before: [...counted, split, ...requests(13, 4), ...deliveries(31, 2, 9), { do: 'wipe' }],
    target: healTarget,
  },
  {
    name: 'a replay',
    shards: 1,
    before: [...counted, split, ...requests(13, 3), ...deliveries(31, 2, 9), ...requests(14, 3)],
    target: replayTarget,
  },
] as const satisfies Scenario[];

export type ScenarioName = (typeof scenarios)[number]['name'];
