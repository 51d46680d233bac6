import { execFile } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openForeignRedis, trackThere, visitorsOf, type ForeignRedis } from '../../support/redis/foreign-redis.ts';
import { environmentOf } from '../../support/aws/load-handler.ts';
import { createReport } from '../../support/report/report.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
let theirs: ForeignRedis;

beforeEach(async () => {
  world = await createWorld();
  theirs = await openForeignRedis(10);
});

afterEach(async () => {
  await theirs.close();
  await world.close();
});

interface Ended {
  code: number;
  stdout: string;
  stderr: string;
}

function mem(...args: string[]): Promise<Ended> {
  const env = { ...process.env, ...environmentOf(world) };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['scripts/run-typescript.mjs', 'cli/mem.ts', ...args],
      { env },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : 1, stdout, stderr }),
    );
  });
}

describe('mem import', () => {
  test('shows what it would do, does it, and says so to programs', async () => {
    await trackThere(
      theirs.redis,
      'lamed',
      visitorsOf(7, { namespace: 'shop', experiment: 'a:b', event: 'participate', variant: 'red' }),
    );
    await trackThere(
      theirs.redis,
      'lamed',
      visitorsOf(2, { namespace: 'shop', experiment: 'a:b', event: 'bought', variant: 'red' }),
    );
    const report = await createReport(world);

    const tried = await mem('import', 'lamed', '--redis', theirs.url, '--dry-run');
    expect(tried).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Nothing is imported: that was a dry run.'),
    });
    expect((await report.list('shop')).experiments).toEqual([]);

    const done = await mem('import', 'lamed', '--redis', theirs.url, '--namespace', 'shop', '--json');
    expect(JSON.parse(done.stdout)).toMatchObject({
      dryRun: false,
      notes: [],
      experiments: [{ namespace: 'shop', experiment: 'a:b', participants: 7, replaces: null }],
    });
    expect((await report.list('shop')).experiments).toMatchObject([{ name: 'a:b', participants: 7 }]);

    const again = await mem('import', 'lamed', '--redis', theirs.url);
    expect(again.stdout).toMatch(/shop +a:b +7 +2 +replaces what was imported 20.*\n1 experiment imported\./);
  });

  test('ends with one sentence where it cannot', async () => {
    expect(await mem('import', 'gimel', '--redis', theirs.url)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^mem: nothing to import: .*\n$/),
    });
    expect((await mem('import', 'gimel', '--redis', 'http://here')).stderr).toContain(
      'expected a URL such as redis://host:6379',
    );
    expect((await mem('import', 'abba', '--redis', theirs.url)).stderr).toContain('gimel, lamed');
  });
});
