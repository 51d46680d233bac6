import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import settings from '../../deploy/settings.cjs';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import {
  danglingReferences,
  environmentOf,
  FUNCTIONS,
  ofType,
  resourceOf,
  routesOf,
} from '../support/deploy/template.ts';

test('settings of mem.config.json reach the template', async () => {
  const template = await packageTemplate({
    trackPaths: ['/e', '/my_tracking/endpoint'],
    throttling: { requestsPerSecond: 50, burst: 80 },
    reservedConcurrency: { ingest: 20, report: 2 },
    retentionHours: 48,
    claimWindowDays: 3,
    batchWindowSeconds: 60,
  });
  expect(routesOf(template)).toEqual(
    expect.arrayContaining([
      'GET /track',
      'POST /track',
      'POST /events',
      'GET /e',
      'POST /e',
      'GET /my_tracking/endpoint',
    ]),
  );
  expect(resourceOf(template, 'HttpApiStage').Properties.DefaultRouteSettings).toEqual({
    DetailedMetricsEnabled: false,
    ThrottlingRateLimit: 50,
    ThrottlingBurstLimit: 80,
  });
  expect(reserved(template)).toEqual({ Ingest: 20, Consumer: undefined, Recover: undefined, Report: 2 });
  expect(resourceOf(template, 'EventStream').Properties.RetentionPeriodHours).toBe(48);
  const mappings = Object.values(ofType(template, 'AWS::Lambda::EventSourceMapping'));
  expect(mappings.map(({ Properties }) => Properties.MaximumBatchingWindowInSeconds)).toEqual([60]);
  for (const name of ['Consumer', 'Recover'] as const) {
    expect(environmentOf(template, name)).toMatchObject({ STREAM_RETENTION_HOURS: '48', CLAIM_WINDOW_DAYS: '3' });
  }
  expect(danglingReferences(template)).toEqual([]);
});

test('two stages share no name, and a stage is named by the option, then by mem.config.json', async () => {
  const settings = { stage: 'shop', region: 'eu-central-1' };
  const [shop, blog] = await Promise.all([packageTemplate(settings), packageTemplate(settings, ['--stage', 'blog'])]);
  const names = [shop, blog].map(explicitNames);
  expect(names[0]).toContain('mem-shop-ingest');
  expect(names[1]).toContain('mem-blog-ingest');
  expect(names[0]?.filter((name) => names[1]?.includes(name))).toEqual([]);
  expect(environmentOf(shop, 'Ingest')).toMatchObject({ STAGE: 'shop' });
});

test('what would lose a route stops the packaging with a reason', async () => {
  await expect(packageTemplate({ trackPaths: ['/a_b', '/ab'] })).rejects.toThrow('/ab is too like /a_b');
  await expect(packageTemplate({ trackPaths: ['/v1/experiments/x'] })).rejects.toThrow('is too like /v1/');
  await expect(packageTemplate({ trackPaths: ['/track'] })).rejects.toThrow('/track is too like /track');
});

describe('what stops the packaging, and why', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'mem-settings-'));
    process.env.MEM_FOLDER = folder;
  });
  afterEach(() => {
    Reflect.deleteProperty(process.env, 'MEM_FOLDER');
    rmSync(folder, { recursive: true });
  });

  test.each([
    [
      'needs more than it may have',
      { claimsCapacity: { least: 200, most: 100 } },
      {},
      'expected least not above most (100), got 200',
    ],
    [
      'is no capacity',
      { claimsCapacity: { least: 0, most: 50_000 } },
      {},
      'claimsCapacity.least: expected >= 1, got 0; claimsCapacity.most: expected <= 40000, got 50000',
    ],
    ['would wait too long', { batchWindowSeconds: 301 }, {}, 'batchWindowSeconds: expected <= 300, got 301'],
    [
      'could not be part of a name',
      {},
      { stage: 'My-Stage' },
      'stage: expected something such as prod, got "My-Stage"',
    ],
  ])('what %s', (_, config, options, reason) => {
    writeFileSync(join(folder, 'mem.config.json'), JSON.stringify(config));
    expect(() => settings({ options, resolveVariable: () => Promise.resolve('test') })).toThrow(reason);
  });
});

function reserved(template: Template): Record<string, unknown> {
  return Object.fromEntries(
    FUNCTIONS.map((name) => [
      name,
      resourceOf(template, `${name}LambdaFunction`).Properties.ReservedConcurrentExecutions,
    ]),
  );
}

/** Names that an account and region can have once. */
function explicitNames(template: Template): string[] {
  const named = Object.entries({
    'AWS::Lambda::Function': 'FunctionName',
    'AWS::Logs::LogGroup': 'LogGroupName',
    'AWS::IAM::Role': 'RoleName',
    'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
    'AWS::CloudWatch::Alarm': 'AlarmName',
    'AWS::CloudWatch::Dashboard': 'DashboardName',
    'AWS::ElastiCache::ServerlessCache': 'ServerlessCacheName',
    'AWS::ApiGatewayV2::Api': 'Name',
    'AWS::Kinesis::Stream': 'Name',
    'AWS::DynamoDB::Table': 'TableName',
  });
  const ofResources = named.flatMap(([type, property]) =>
    Object.values(ofType(template, type)).flatMap(({ Properties }) => Properties[property] ?? []),
  );
  const ofExports = Object.values(template.Outputs).flatMap(({ Export }) => Export?.Name ?? []);
  return [...ofResources, ...ofExports].map(String);
}
