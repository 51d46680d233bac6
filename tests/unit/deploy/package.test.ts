import { beforeAll, describe, expect, jest, test } from '@jest/globals';
import { packageProject, type Packaged, type Resource } from '../../support/packaged.ts';

jest.setTimeout(120_000);

const FUNCTIONS = ['Ingest', 'Consumer', 'Heal', 'Report'];

interface Statement {
  Effect: string;
  Action: string[];
  Resource: unknown;
}

describe('what is packaged for AWS', () => {
  let packaged: Packaged;
  beforeAll(async () => {
    packaged = await packageProject();
  });
  const resource = (name: string): Resource => packaged.template.Resources[name] ?? fail(`there is no ${name}`);
  const ofType = (type: string) => Object.values(packaged.template.Resources).filter(({ Type }) => Type === type);

  test('every function runs on arm64 and Node 22 or newer', () => {
    const lambdas = ofType('AWS::Lambda::Function').map(({ Properties }) => Properties);
    expect(lambdas.map(({ Handler }) => Handler).sort()).toEqual([
      'functions/consumer/handler.handler',
      'functions/consumer/handler.heal',
      'functions/ingest/handler.handler',
      'functions/report/handler.handler',
    ]);
    for (const { Architectures, Runtime } of lambdas) {
      expect(Architectures).toEqual(['arm64']);
      expect(Number(/^nodejs(\d+)\.x$/.exec(String(Runtime))?.[1])).toBeGreaterThanOrEqual(22);
    }
  });

  test('the zip of a function holds its bundle and nothing else', () => {
    expect(packaged.zips).toEqual({
      ingest: ['functions/ingest/handler.cjs'],
      consumer: ['functions/consumer/handler.cjs'],
      heal: ['functions/consumer/handler.cjs'],
      report: ['functions/report/handler.cjs'],
    });
  });

  test('the stream grows by itself, keeps a week, and outlives the stack', () => {
    expect(resource('EventStream')).toMatchObject({
      Type: 'AWS::Kinesis::Stream',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' }, RetentionPeriodHours: 168 },
    });
    expect(resource('EventStream').Properties).not.toHaveProperty('ShardCount');
    expect(environmentOf('Consumer')).toMatchObject({ STREAM_RETENTION_HOURS: '168' });
  });

  test('both tables are on demand, forget what expires, can be restored, and outlive the stack', () => {
    expect(ofType('AWS::DynamoDB::Table')).toHaveLength(2);
    for (const table of ofType('AWS::DynamoDB::Table')) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      });
    }
  });

  test('the stream is delivered from its first record on, in order, for ever, from what the consumer names as failed', () => {
    const [mapping, ...others] = ofType('AWS::Lambda::EventSourceMapping');
    expect(others).toEqual([]);
    expect(mapping?.Properties).toEqual({
      Enabled: true,
      EventSourceArn: { 'Fn::GetAtt': ['EventStream', 'Arn'] },
      FunctionName: { 'Fn::GetAtt': ['ConsumerLambdaFunction', 'Arn'] },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: 1_000,
      MaximumBatchingWindowInSeconds: 1,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      BisectBatchOnFunctionError: false,
      ParallelizationFactor: 1,
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
    });
  });

  test.each(FUNCTIONS)('%s has a role of its own', (name) => {
    expect(resource(`${name}LambdaFunction`).Properties.Role).toEqual({ 'Fn::GetAtt': [`${name}Role`, 'Arn'] });
    expect(ofType('AWS::IAM::Role')).toHaveLength(FUNCTIONS.length);
  });

  test.each(FUNCTIONS)('the role of %s names every action, and every resource but the streams of its own log group', (name) => {
    const ownLogs = `log-group:${String(resource(`${name}LogGroup`).Properties.LogGroupName)}:*`;
    const statements = statementsOf(name);
    expect(resource(`${name}Role`).Properties).not.toHaveProperty('ManagedPolicyArns');
    expect(statements.length).toBeGreaterThan(0);
    for (const { Effect, Action, Resource } of statements) {
      expect(Effect).toBe('Allow');
      expect(Action.filter((action) => action.includes('*'))).toEqual([]);
      expect(JSON.stringify(Resource).replace(ownLogs, '')).not.toContain('*');
    }
  });

  test('the door only writes to the stream, and nobody else does', () => {
    const actions = (name: string) => statementsOf(name).flatMap(({ Action }) => Action);
    expect(actions('Ingest').filter((action) => !action.startsWith('logs:'))).toEqual(['kinesis:PutRecords']);
    const others = [...actions('Consumer'), ...actions('Heal'), ...actions('Report')];
    expect(others.filter((action) => action.startsWith('kinesis:Put'))).toEqual([]);
  });

  test('logs are kept for a month by their function', () => {
    const groups = ofType('AWS::Logs::LogGroup').map(({ Properties }) => Properties);
    expect(groups).toHaveLength(FUNCTIONS.length);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(30);
  });

  test('no secret stands in an environment: where Redis is, is the name of a parameter', () => {
    for (const name of FUNCTIONS) expect(JSON.stringify(environmentOf(name))).not.toMatch(/redis:|rediss:|resolve:/);
    expect(environmentOf('Report')).toMatchObject({ REDIS_URL_PARAMETER: '/mem/dev/redis-url' });
  });

  test('everything that the template refers to is in it', () => {
    expect(referencesOf(packaged.template)).not.toHaveLength(0);
    expect(danglingReferences(packaged)).toEqual([]);
  });

  test('every path that the report answers is a route', () => {
    expect(routesOf(packaged)).toEqual(
      expect.arrayContaining([
        'GET /health',
        'GET /experiments',
        'GET /experiment',
        'DELETE /delete',
        'GET /v1/experiments',
        'GET /v1/experiments/{name+}',
        'DELETE /v1/experiments/{name+}',
      ]),
    );
  });

  function environmentOf(name: string): unknown {
    return (resource(`${name}LambdaFunction`).Properties.Environment as { Variables: unknown }).Variables;
  }

  function statementsOf(name: string): Statement[] {
    const policies = resource(`${name}Role`).Properties.Policies as { PolicyDocument: { Statement: Statement[] } }[];
    return policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  }
});

test('paths and the Redis parameter of mem.config.json reach the template', async () => {
  const packaged = await packageProject({ trackPaths: ['/e', '/my_tracking/endpoint'], redisUrlParameter: '/shop/redis' });
  expect(routesOf(packaged)).toEqual(
    expect.arrayContaining(['GET /track', 'POST /track', 'POST /events', 'GET /e', 'POST /e', 'GET /my_tracking/endpoint']),
  );
  expect(JSON.stringify(packaged.template)).toContain('"REDIS_URL_PARAMETER":"/shop/redis"');
  expect(JSON.stringify(packaged.template)).toContain(':parameter/shop/redis"');
  expect(danglingReferences(packaged)).toEqual([]);
});

test('settings that would lose a route stop the packaging with a reason', async () => {
  await expect(packageProject({ trackPaths: ['/a_b', '/ab'] })).rejects.toThrow('/ab is too like /a_b');
});

function routesOf({ template }: Packaged): string[] {
  return Object.values(template.Resources)
    .filter(({ Type }) => Type === 'AWS::ApiGatewayV2::Route')
    .map(({ Properties }) => String(Properties.RouteKey))
    .sort();
}

/** References to what is neither a resource nor a parameter of the template, nor AWS' own. */
function danglingReferences({ template }: Packaged): string[] {
  const known = new Set([...Object.keys(template.Resources), ...Object.keys(template.Parameters ?? {})]);
  return referencesOf(template).filter((name) => !known.has(name) && !name.startsWith('AWS::'));
}

/** Every logical name in Ref, Fn::GetAtt, Fn::Sub and DependsOn. */
function referencesOf(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(referencesOf);
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    switch (key) {
      case 'Ref':
        return [String(value)];
      case 'Fn::GetAtt':
        return [String((value as unknown[])[0])];
      case 'Fn::Sub':
        return [...String(value).matchAll(/\$\{([^.}]+)[^}]*\}/g)].map(([, name]) => name ?? '');
      case 'DependsOn':
        return [value].flat().map(String);
      default:
        return referencesOf(value);
    }
  });
}

function fail(reason: string): never {
  throw new Error(reason);
}
