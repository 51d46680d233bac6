import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundle } from '../../../scripts/bundle.mjs';
import type { InsideAnswer, InsideRequest } from '../../../cli/inside.ts';
import { startFakeAws, type FakeAws } from '../../support/aws/fake-aws.ts';
import { installMem, type InstalledMem } from '../../support/local/installed-mem.ts';
import { createLiveSystem, type LiveSystem } from '../../support/local/live-system.ts';
import { environmentOf } from '../../support/aws/load-handler.ts';
import { visits } from '../../support/counting/visits.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

type Handler = (request: InsideRequest, context: { getRemainingTimeInMillis: () => number }) => Promise<InsideAnswer>;

/** The bundle as it is in the function's package; the commands then run as processes of their own. */
function loadHandler(folder: string): Handler {
  const outfile = join(folder, 'handler.cjs');
  bundle('functions/operate/handler.ts', outfile);
  return (createRequire(outfile)(outfile) as { handler: Handler }).handler;
}

/** Only the function reaches the stores; the command that is typed knows nothing but the name of the stage. */
describe('a stage whose Redis is in its own network', () => {
  let installed: InstalledMem;
  let world: World;
  let system: LiveSystem;
  let delivery: { stop: () => Promise<void> };
  let aws: FakeAws;
  let folder: string;
  const invoked: { functionName: string; args: string[] }[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(resolve('node_modules'), '.mem-inside-')); // its packages are found from there
    const handler = loadHandler(folder);
    [installed, world] = await Promise.all([installMem(), createWorld()]);
    system = await createLiveSystem(world);
    delivery = system.startDelivering();
    await system.put(visits(0, 30));
    await waitUntil('all are counted', async () => (await system.counts())['red:buy'] === 30);

    Object.assign(process.env, environmentOf(world));
    aws = await startFakeAws({
      outputs: {
        StreamName: 's',
        ClaimsTable: 'c',
        StateTable: 't',
        RedisEndpoint: 'cache.example:6379',
        OperateFunction: 'mem-test-operate',
      },
      invoke: (functionName, payload) => {
        const { args } = payload as InsideRequest;
        invoked.push({ functionName, args });
        return handler({ args }, { getRemainingTimeInMillis: () => 100_000 });
      },
    });
    writeFileSync(join(installed.folder, 'mem.config.json'), JSON.stringify({ region: 'eu-central-1' }));
  });
  afterAll(async () => {
    await delivery.stop();
    system.close();
    await Promise.all([world.close(), aws.close()]);
    installed.remove();
    rmSync(folder, { recursive: true, force: true });
  });
  const mem = (...args: string[]) => installed.mem([...args, '--stage', 'test'], { environment: aws.environment });

  test('is reported of as if it could be reached from here', async () => {
    const { code, stdout } = await mem('report', 'button', '--json');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ name: 'button', data: 'counting' });
    expect(invoked.at(-1)).toEqual({ functionName: 'mem-test-operate', args: ['report', 'button', '--json'] });
  });

  test('gives files to the one who asks', async () => {
    expect(await mem('report', 'button', '--html', 'button.html')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'button.html is written.\n',
    });
    expect(readFileSync(join(installed.folder, 'button.html'), 'utf8')).toMatch(/^<!doctype html>[^]*button/i);
  });

  test('is replayed, in as many invocations as it takes', async () => {
    const { code, stdout } = await mem('replay');
    expect(stdout).toContain('No counter differs.');
    expect(code).toBe(0);
    expect(invoked.at(-1)?.args).toEqual(['replay', '--for', '120']);
    expect(await system.counts()).toMatchObject({ 'red:buy': 30 });
  });

  test('says what is wrong as a command here does', async () => {
    expect(await mem('report', 'nobody knows')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('mem: nothing is known of "nobody knows"'),
    });
    expect(await mem('replay', '--resume', 'seven')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('expected a generation such as g7'),
    });
  });

  test('runs nothing but what reads its Redis', async () => {
    for (const args of [
      ['keys', 'add', '--role', 'admin'],
      ['--region', 'report', 'keys', 'add', '--role', 'admin'],
      ['import', 'gimel', '--redis', 'redis://127.0.0.1:1'],
    ]) {
      const answer = await aws.account.invoke?.('mem-test-operate', { args });
      expect(answer).toMatchObject({
        exitCode: 2,
        stdout: '',
        stderr: expect.stringContaining('expected one of report, experiments list, experiments delete'),
      });
    }
  });

  test('whose function is not there is told of', async () => {
    const { invoke } = aws.account;
    delete aws.account.invoke;
    expect(await mem('generations')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Function not found: mem-test-operate'),
    });
    if (invoke) aws.account.invoke = invoke;
  });
});
