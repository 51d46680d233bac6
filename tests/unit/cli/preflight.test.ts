import { describe, expect, test } from '@jest/globals';
import {
  checkConcurrency,
  checkCredentials,
  checkRedisParameter,
  checkStack,
  checkStreams,
} from '../../../cli/preflight/account.ts';
import { checkEventSource, readWantedDelivery } from '../../../cli/preflight/deployed.ts';
import { runChecks, type Check } from '../../../cli/preflight/finding.ts';
import { checkNode } from '../../../cli/preflight/preflight.ts';
import { hasProblem, preflightLines } from '../../../cli/preflight/finding.ts';
import { checksOfRedis } from '../../../cli/preflight/redis.ts';

async function statusOf(check: Check): Promise<string> {
  const [finding] = await runChecks([check]);
  return finding?.status ?? '';
}

/** Check -> status, of a Redis that says this of itself. */
async function redisStatus(
  url: string,
  info: Record<string, string>,
  cluster?: boolean,
): Promise<Record<string, string>> {
  const readInfo = () =>
    Promise.resolve(
      new Map(Object.entries({ redis_version: '7.2.4', maxmemory_policy: 'noeviction', aof_enabled: '1', ...info })),
    );
  const findings = await runChecks(checksOfRedis({ url: () => Promise.resolve(url), readInfo, cluster }));
  return Object.fromEntries(
    findings.filter(({ status }) => status !== 'ok').map(({ check, status }) => [check, status]),
  );
}

describe('preflight on Redis', () => {
  test.each(['noeviction', 'volatile-lru', 'volatile-ttl'])('%s keeps the counters', async (maxmemory_policy) => {
    expect(await redisStatus('rediss://redis.example', { maxmemory_policy })).toEqual({});
  });

  test.each(['allkeys-lru', 'allkeys-random'])('%s would throw counters away', async (maxmemory_policy) => {
    expect(await redisStatus('rediss://redis.example', { maxmemory_policy })).toEqual({ 'Redis eviction': 'problem' });
  });

  test.each([
    ['redis://redis.example', { 'Redis encryption': 'warning' }],
    ['rediss://redis.example', {}],
    ['redis://127.0.0.1:6379', {}],
    ['redis://localhost', {}],
    ['redis://[::1]:6379', {}],
  ])('%s: %j', async (url, expected) => {
    expect(await redisStatus(url, {})).toEqual(expected);
  });

  test('a restart may lose what no append-only file holds', async () => {
    expect(await redisStatus('rediss://redis.example', { aof_enabled: '0' })).toEqual({
      'Redis durability': 'warning',
    });
  });

  test('cluster mode is as the configuration says, or a problem', async () => {
    const url = 'rediss://redis.example';
    expect(await redisStatus(url, { cluster_enabled: '1' }, true)).toEqual({});
    expect(await redisStatus(url, { cluster_enabled: '1' })).toEqual({ 'Redis cluster mode': 'problem' });
    expect(await redisStatus(url, { cluster_enabled: '0' }, true)).toEqual({ 'Redis cluster mode': 'problem' });
  });

  test('it is asked once, and its version is told', async () => {
    let asked = 0;
    const readInfo = () => {
      asked += 1;
      return Promise.resolve(
        new Map([
          ['redis_version', '7.2.4'],
          ['valkey_version', '8.1.0'],
          ['maxmemory_policy', 'noeviction'],
        ]),
      );
    };
    const [version] = await runChecks(
      checksOfRedis({ url: () => Promise.resolve('rediss://redis.example:6380'), readInfo }),
    );
    expect({ asked, found: version?.found }).toEqual({ asked: 1, found: 'Valkey 8.1.0 at redis.example:6380' });
  });
});

describe('preflight on an account', () => {
  const stage = (status: string) => () => Promise.resolve({ status, outputs: {} });

  test.each([
    ['CREATE_COMPLETE', 'ok'],
    ['UPDATE_ROLLBACK_COMPLETE', 'warning'],
    ['UPDATE_IN_PROGRESS', 'problem'],
    ['ROLLBACK_COMPLETE', 'problem'],
    ['UPDATE_ROLLBACK_FAILED', 'problem'],
  ])('a stack in %s: %s', async (status, expected) => {
    expect(await statusOf(checkStack('prod', stage(status)))).toBe(expected);
  });

  test('no stack is where everybody begins', async () => {
    expect(await statusOf(checkStack('prod', () => Promise.resolve(undefined)))).toBe('ok');
  });

  test.each([
    [1_000, {}, 'ok'],
    [10, {}, 'warning'],
    [1_000, { ingest: 500, report: 400 }, 'ok'],
    [1_000, { ingest: 500, report: 401 }, 'problem'],
    [10, { report: 1 }, 'problem'],
  ])('%s invocations at once, of which %j are reserved: %s', async (limit, reservedConcurrency, expected) => {
    expect(await statusOf(checkConcurrency({ reservedConcurrency }, () => Promise.resolve(limit)))).toBe(expected);
  });

  test.each([
    [3, 50, false, 'ok'],
    [50, 50, true, 'ok'],
    [50, 50, false, 'problem'],
  ])(
    '%s of %s streams, deployed: %s: %s',
    async (OnDemandStreamCount, OnDemandStreamCountLimit, isDeployed, expected) => {
      const limits = () => Promise.resolve({ OnDemandStreamCount, OnDemandStreamCountLimit });
      expect(await statusOf(checkStreams(() => Promise.resolve(isDeployed), limits))).toBe(expected);
    },
  );

  test('a parameter has to hold a URL', async () => {
    expect(await statusOf(checkRedisParameter('/a', () => Promise.resolve('rediss://redis.example')))).toBe('ok');
    expect(await statusOf(checkRedisParameter('/a', () => Promise.resolve('redis.example')))).toBe('problem');
    const missing = Object.assign(new Error(), { name: 'ParameterNotFound' });
    expect(await statusOf(checkRedisParameter('/a', () => Promise.reject(missing)))).toBe('problem');
    expect(await statusOf(checkRedisParameter('/a', () => Promise.reject(new Error('AccessDenied'))))).toBe('skipped');
  });

  test('credentials that are not there are a problem, and say how to sign in', async () => {
    const [finding] = await runChecks([checkCredentials(() => Promise.reject(new Error('none found')))]);
    expect(finding).toMatchObject({
      status: 'problem',
      found: 'none found',
      advice: expect.stringContaining('AWS_PROFILE'),
    });
  });

  test('without a region nobody is asked, and signing in is no advice', async () => {
    expect(await statusOf(checkCredentials(() => Promise.reject(new Error('Region is missing'))))).toBe('skipped');
  });

  test('the delivery has to be the one of serverless.yml, once, and enabled', async () => {
    const wanted = readWantedDelivery('.');
    expect(wanted).toMatchObject({ MaximumRetryAttempts: -1, FunctionResponseTypes: ['ReportBatchItemFailures'] });
    const statusWith = (...mappings: object[]) => statusOf(checkEventSource(wanted, () => Promise.resolve(mappings)));
    const right = { ...wanted, State: 'Enabled' };
    expect(await statusWith(right)).toBe('ok');
    expect(await statusWith(right, right)).toBe('problem');
    expect(await statusWith({ ...right, State: 'Disabled' })).toBe('problem');
    expect(await statusWith({ ...right, ParallelizationFactor: 2 })).toBe('problem');
    expect(await statusWith()).toBe('problem');
  });
});

test.each([
  ['18.20.8', 'problem'],
  ['20.9.0', 'problem'],
  ['20.19.0', 'ok'],
  ['22.1.0', 'ok'],
])('Node %s: %s', async (version, expected) => {
  expect(await statusOf(checkNode(version))).toBe(expected);
});

test('findings are told with what to do, and names from outside cannot move the cursor', () => {
  const findings = [
    { check: 'stack', status: 'ok' as const, found: 'fine' },
    { check: 'Redis', status: 'problem' as const, found: 'gone\u001b[2J', advice: 'start it' },
  ];
  const lines = preflightLines({ of: 'stage prod', findings });
  expect(lines).toEqual([
    'Preflight for stage prod:',
    '  ok       stack  fine',
    '  problem  Redis  gone\ufffd[2J',
    '                  -> start it',
    '1 problem, 0 warnings, 0 skipped.',
  ]);
  expect(hasProblem({ of: '', findings })).toBe(true);
});
