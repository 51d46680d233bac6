import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { startFakeAws, type FakeAccount, type FakeAws } from '../../support/aws/fake-aws.ts';
import { installMem, type InstalledMem } from '../../support/local/installed-mem.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

const DELIVERY = {
  UUID: '1',
  State: 'Enabled',
  BatchSize: 1_000,
  ParallelizationFactor: 1,
  MaximumRetryAttempts: -1,
  MaximumRecordAgeInSeconds: -1,
  BisectBatchOnFunctionError: false,
  FunctionResponseTypes: ['ReportBatchItemFailures'],
};

/** A stage whose tables are real ones of this test, in an account that is not. */
describe('a deployed stage', () => {
  let installed: InstalledMem;
  let world: World;
  let aws: FakeAws;
  let healthy: FakeAccount;
  beforeAll(async () => {
    [installed, world, aws] = await Promise.all([installMem(), createWorld(), startFakeAws()]);
    installed.replaceServerless();
    healthy = {
      outputs: {
        StreamName: world.stream,
        ClaimsTable: world.claimsTable,
        StateTable: world.stateTable,
        RedisUrlParameter: '/mem/test/redis-url',
        ApiUrl: 'https://api.example',
        TrackUrl: 'https://api.example/e',
        PageUrl: 'https://api.example/',
      },
      parameters: { '/mem/test/redis-url': world.redisUrl },
      eventSourceMappings: [DELIVERY],
      concurrentExecutions: 1_000,
      functionEnvironment: { STAGE: 'test', REDIS_PREFIX: world.prefix, CLAIM_WINDOW_DAYS: '30' },
    };
  });
  beforeEach(() => {
    for (const key of Object.keys(aws.account)) Reflect.deleteProperty(aws.account, key);
    Object.assign(aws.account, structuredClone(healthy));
    configure({ region: 'eu-central-1', stage: 'test' });
  });
  afterAll(async () => {
    await Promise.all([world.close(), aws.close()]);
    installed.remove();
  });

  function configure(settings: object): void {
    writeFileSync(join(installed.folder, 'mem.config.json'), JSON.stringify(settings));
  }

  const mem = (args: string[], environment: Record<string, string> = {}) =>
    installed.mem(args, {
      environment: {
        ...aws.environment,
        AWS_ENDPOINT_URL_DYNAMODB: world.dynamodbEndpoint,
        ...environment,
      },
    });

  test('its keys are made, listed and revoked without its Redis', async () => {
    aws.account.outputs = { ...healthy.outputs, RedisEndpoint: 'mem.cache.example:6379' };
    delete aws.account.outputs.RedisUrlParameter;
    const added = await mem(['keys', 'add', '--role', 'admin', '--stage', 'test', '--json']);
    expect(added).toMatchObject({ code: 0, stderr: expect.stringContaining('shown this once') });
    const { key, role, digest } = JSON.parse(added.stdout) as Record<string, string>;
    expect({ key, role }).toEqual({ key: expect.stringMatching(/^[\w-]{43}$/), role: 'admin' });
    expect((await mem(['keys', '--stage', 'test'])).stdout).toMatch(
      new RegExp(
        `^digest +role +created +last used +label\\n${digest?.slice(0, 12)} +admin +20\\d\\d-\\S+ +not seen\\n$`,
      ),
    );
    expect(await mem(['keys', 'remove', digest?.slice(0, 12) ?? '', '--stage', 'test'])).toMatchObject({ code: 0 });
    expect((await mem(['keys', '--stage', 'test'])).stdout).toBe('no keys yet: mem keys add\n');
  });

  test('where its Redis cannot be reached from here, a tunnel can be named', async () => {
    aws.account.outputs = {
      ...healthy.outputs,
      RedisEndpoint: 'mem.cache.example:6379',
      OperateFunction: 'mem-test-operate',
    };
    delete aws.account.outputs.RedisUrlParameter;
    expect(
      await mem(['experiments', '--stage', 'test'], { REDIS_URL: world.redisUrl, REDIS_CLUSTER: 'false' }),
    ).toMatchObject({
      code: 0,
      stdout: 'nothing received and nothing defined yet\n',
    });
  });

  test('its reports are read through the parameter that holds the URL of its Redis', async () => {
    expect(await mem(['experiments', '--stage', 'test'])).toMatchObject({
      code: 0,
      stdout: 'nothing received and nothing defined yet\n',
    });
  });

  test('it is counted as its consumer is told to', async () => {
    aws.account.functionEnvironment.CLAIM_WINDOW_DAYS = '1';
    const { code, stderr } = await mem(['replay', '--stage', 'test']);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: expect.stringContaining('CLAIM_WINDOW_DAYS must not be shorter'),
    });
  });

  test('its page and its snippet are those of the outputs', async () => {
    const page = await mem(['dashboard', '--print', '--stage', 'test', '--namespace', 'my shop']);
    expect(page).toEqual({ code: 0, stdout: 'https://api.example/?namespace=my+shop\n', stderr: '' });
    expect((await mem(['snippet', '--stage', 'test'])).stdout).toContain('AlephbetAdapter("https://api.example/e"');
  });

  test('one that does not exist, or that AWS does not show, is told in a sentence', async () => {
    delete aws.account.outputs;
    const missing = await mem(['keys', '--stage', 'test', '--region', 'eu-west-1']);
    expect(missing).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no stack mem-test in eu-west-1'),
    });
    aws.account.refusal = 'AccessDenied';
    expect(await mem(['keys', '--stage', 'test'])).toMatchObject({ code: 1, stderr: 'mem: AccessDenied\n' });
    expect(await installed.mem(['keys', '--stage', 'test'])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('aws sso login'),
    });
  });

  test('mem remove takes it down when it is said twice, and says what stays', async () => {
    expect(await mem(['remove', '--yes'])).toMatchObject({ code: 2, stderr: expect.stringContaining('--stage') });
    expect(await mem(['remove', '--stage', 'test'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--yes'),
    });
    aws.account.outputs = { ...healthy.outputs, EventLogBucket: 'a-bucket' };
    const { code, stdout } = await mem(['remove', '--stage', 'test', '--yes']);
    expect(code).toBe(0);
    expect(stdout).toContain('"serverless":["remove","--stage","test","--region","eu-central-1"]');
    for (const name of [world.stream, world.claimsTable, world.stateTable, '/mem/test/redis-url', 'a-bucket']) {
      expect(stdout).toContain(name);
    }
  });

  describe('mem preflight', () => {
    async function findings(environment?: Record<string, string>) {
      const { code, stdout } = await mem(['preflight', '--json'], environment);
      const found = (JSON.parse(stdout) as { findings: { check: string; status: string; found: string }[] }).findings;
      return {
        code,
        found,
        faulty: Object.fromEntries(found.filter(({ status }) => status !== 'ok').map((it) => [it.check, it])),
      };
    }

    test('finds nothing to do in a healthy account', async () => {
      const { code, found, faulty } = await findings();
      expect({ code, faulty }).toEqual({ code: 0, faulty: {} });
      expect(found.map(({ check }) => check)).toEqual([
        ...['configuration', 'Node', 'region', 'AWS credentials', 'stack', 'Redis parameter'],
        ...['Redis', 'Redis eviction', 'Redis durability', 'Redis encryption', 'Redis cluster mode', 'Redis owner'],
        ...['versions of what is stored', 'delivery to the consumer', 'Lambda concurrency', 'Kinesis streams'],
      ]);
    });

    test('finds a delivery that was changed by hand, a missing parameter and a small account', async () => {
      Object.assign(aws.account, {
        parameters: {},
        eventSourceMappings: [{ ...DELIVERY, MaximumRetryAttempts: 3, FunctionResponseTypes: [] }],
        concurrentExecutions: 10,
      });
      const { code, faulty } = await findings();
      expect(code).toBe(1);
      expect(faulty).toMatchObject({
        'Redis parameter': { status: 'problem', found: 'there is no SSM parameter /mem/test/redis-url' },
        'Redis eviction': { status: 'skipped' },
        'delivery to the consumer': {
          status: 'problem',
          found:
            'MaximumRetryAttempts: expected -1, got 3; FunctionResponseTypes: expected ["ReportBatchItemFailures"], got []',
        },
        'Lambda concurrency': { status: 'warning' },
      });
    });

    test('goes on where one question is not answered', async () => {
      aws.account.eventSourceMappings = [];
      aws.account.stackStatus = 'UPDATE_ROLLBACK_FAILED';
      configure({ region: 'eu-central-1', stage: 'test', redisUrl: 'redis://127.0.0.1:1' });
      const { code, faulty } = await findings();
      expect(code).toBe(1);
      expect(faulty).toMatchObject({
        stack: { status: 'problem' },
        Redis: { status: 'problem', found: expect.stringContaining('127.0.0.1:1 does not answer: ') },
        'Redis eviction': { status: 'skipped', found: expect.stringContaining('Redis does not answer') },
        'delivery to the consumer': { found: 'nothing delivers the stream to the consumer' },
      });
    });

    test('says what is wrong with the configuration, and looks at the rest', async () => {
      const { code, faulty } = await findings({ MEM_RETENTION_HOURS: '1' });
      expect(code).toBe(1);
      expect(faulty).toMatchObject({
        configuration: { status: 'problem', found: expect.stringContaining('retentionHours') },
      });
    });
  });

  describe('mem deploy', () => {
    test('keeps the URL of Redis in SSM, runs serverless, and says where everything is', async () => {
      configure({ region: 'eu-central-1', stage: 'test', redisUrl: world.redisUrl });
      aws.account.parameters = {};
      const { code, stdout, stderr } = await mem(['deploy', '--yes']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('No problems.') });
      expect(aws.account.parameters).toEqual({ '/mem/test/redis-url': world.redisUrl });
      expect(JSON.parse(stdout.split('\n')[0] ?? '')).toEqual({
        serverless: ['deploy', '--stage', 'test', '--region', 'eu-central-1'],
        cwd: join(installed.folder, '.mem', 'deploy'),
        MEM_FOLDER: installed.folder,
        MEM_REDIS_URL_VERSION: `${world.redisUrl.length}-0`, // the parameter's: functions start anew with another one
      });
      expect((await mem(['deploy', '--yes'])).stderr).not.toContain('is in SSM'); // it was there already
      expect(stdout).toContain('events   https://api.example/e');
      expect(stdout).toContain('mem keys add --stage test --region eu-central-1');
      expect(stdout).toContain('new AlephBet.AlephbetAdapter("https://api.example/e"');
      expect(stdout + stderr).not.toContain(world.redisUrl);
    });

    test('stops at a problem before anything is changed, unless it is forced', async () => {
      aws.account.eventSourceMappings = [];
      rmSync(join(installed.folder, '.mem'), { recursive: true, force: true });
      const stopped = await mem(['deploy', '--yes']);
      expect(stopped).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('Nothing is deployed.') });
      expect(await mem(['deploy', '--yes', '--force'])).toMatchObject({
        code: 0,
        stdout: expect.stringContaining('Stage test is deployed'),
      });
    });

    test('fails where serverless fails, and says no more than that', async () => {
      const { code, stdout, stderr } = await mem(['deploy', '--yes'], { FAKE_EXIT: '3' });
      expect(code).toBe(1);
      expect(stdout).not.toContain('is deployed');
      expect(stderr).toContain('mem: serverless deploy ended with 3');
    });
  });
});
