import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { peakLines } from '../../cli/commands/set-up/cost.ts';
import { firstWall, needsAt, WALLS } from '../../cli/cost/peak.ts';

const page = readFileSync('docs/scale.md', 'utf8');

describe('docs/scale.md', () => {
  test('has a load as mem cost --peak prints it', () => {
    expect(page).toContain(peakLines(20_000, 10).join('\n'));
  });

  test('has what one core and one shard count', () => {
    const find = (part: string, perRequest: number) =>
      Math.ceil(needsAt({ events: 1, perRequest }).find((need) => need.part === part)?.quota ?? 0).toLocaleString('en');
    expect(page).toContain(`${find('Redis, one core', 1)} events a second at 70 %`);
    expect(page).toContain(
      `${find('Lambda (consumer)', 1)} single events a second, or ${find('Lambda (consumer)', 10)}`,
    );
  });
});

test('the first wall of a deployment as it is made is its own throttling, or its limit of events', () => {
  const settings = readFileSync('deploy/settings.cjs', 'utf8');
  const rateOf = (pattern: RegExp) => Number(pattern.exec(settings)?.[1]?.replace('_', ''));
  expect(WALLS.throttling).toBe(rateOf(/THROTTLING = \{ requestsPerSecond: ([\d_]+)/));
  expect(WALLS.eventLimits).toBe(rateOf(/EVENT_LIMITS = \{ perSecond: ([\d_]+)/));
  expect(firstWall(1)).toEqual({ part: 'throttling', events: 1_000 });
  expect(firstWall(10)).toEqual({ part: 'throttling', events: 10_000 });
  expect(firstWall(100)).toEqual({ part: 'event limits', events: 10_000 });
});
