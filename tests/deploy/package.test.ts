import { beforeAll, describe, expect, test } from '@jest/globals';
import { SETTINGS } from '../../cli/cost/usage.ts';
import { packageProject, packageTemplate, type Packaged, type Template } from '../support/deploy/packaged.ts';
import {
  danglingReferences,
  environmentOf,
  FUNCTIONS,
  ofType,
  referencesIn,
  resourceOf,
  routesOf,
} from '../support/deploy/template.ts';

describe('what is packaged for AWS', () => {
  let template: Template;
  beforeAll(async () => {
    template = await packageTemplate();
  });

  test('every function runs on arm64 and Node 22 or newer', () => {
    const lambdas = Object.values(ofType(template, 'AWS::Lambda::Function')).map(({ Properties }) => Properties);
    expect(lambdas.map(({ Handler }) => Handler).sort()).toEqual([
      'functions/archive/handler.handler',
      'functions/config/handler.handler',
      'functions/consumer/handler.handler',
      'functions/ingest/handler.handler',
      'functions/operate/handler.handler',
      'functions/recover/handler.handler',
      'functions/report/handler.handler',
    ]);
    for (const { Architectures, Runtime } of lambdas) {
      expect(Architectures).toEqual(['arm64']);
      expect(Number(/^nodejs(\d+)\.x$/.exec(String(Runtime))?.[1])).toBeGreaterThanOrEqual(22);
    }
  });

  test('the stream grows by itself, and outlives the stack', () => {
    expect(resourceOf(template, 'EventStream')).toMatchObject({
      Type: 'AWS::Kinesis::Stream',
      DeletionPolicy: 'RetainExceptOnCreate', // a first deployment that fails would leave its price behind
      UpdateReplacePolicy: 'Retain',
      Properties: { StreamModeDetails: { StreamMode: 'ON_DEMAND' } },
    });
    expect(resourceOf(template, 'EventStream').Properties).not.toHaveProperty('ShardCount');
  });

  test('a week of retention, 30 days of claims and a bound on requests are what nobody has to set', () => {
    expect(resourceOf(template, 'EventStream').Properties.RetentionPeriodHours).toBe(168);
    const counting = { STREAM_RETENTION_HOURS: '168', CLAIM_WINDOW_DAYS: '30' };
    expect(environmentOf(template, 'Consumer')).toMatchObject(counting);
    const { DefaultRouteSettings, RouteSettings } = resourceOf(template, 'HttpApiStage').Properties;
    expect(DefaultRouteSettings).toMatchObject({ ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 });
    expect(RouteSettings).toMatchObject({ 'GET /v1/config': { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 400 } });
  });

  test('nothing is reserved or sent to anybody unless it is asked for', () => {
    for (const name of FUNCTIONS) {
      const { Properties } = resourceOf(template, `${name}LambdaFunction`);
      expect(Properties).not.toHaveProperty('ReservedConcurrentExecutions');
    }
    expect(ofType(template, 'AWS::SNS::Topic')).toEqual({});
  });

  test('both tables are on demand, forget what expires, are protected from deletion, and outlive the stack', () => {
    const tables = Object.values(ofType(template, 'AWS::DynamoDB::Table'));
    expect(tables).toHaveLength(2);
    for (const table of tables) {
      expect(table).toMatchObject({
        DeletionPolicy: 'Retain',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          BillingMode: 'PAY_PER_REQUEST',
          TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
          DeletionProtectionEnabled: true,
        },
      });
    }
  });

  test('the state can be restored; claims cannot, since older ones would let copies count', () => {
    const canBeRestored = (table: string) => resourceOf(template, table).Properties.PointInTimeRecoverySpecification;
    expect(canBeRestored('StateTable')).toEqual({ PointInTimeRecoveryEnabled: true });
    expect(canBeRestored('ClaimsTable')).toEqual({ PointInTimeRecoveryEnabled: false });
  });

  test('the stream is delivered from its first record on, in order, for ever, from what the consumer names as failed', () => {
    const mappings = Object.values(ofType(template, 'AWS::Lambda::EventSourceMapping'));
    expect(mappings.map(({ Properties }) => Properties)).toEqual([
      {
        Enabled: true,
        EventSourceArn: { 'Fn::GetAtt': ['EventStream', 'Arn'] },
        FunctionName: { 'Fn::GetAtt': ['ConsumerLambdaFunction', 'Arn'] },
        StartingPosition: 'TRIM_HORIZON',
        BatchSize: 1_000,
        MaximumBatchingWindowInSeconds: SETTINGS.batchWindowSeconds,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        BisectBatchOnFunctionError: false,
        ParallelizationFactor: 1,
        MaximumRetryAttempts: -1,
        MaximumRecordAgeInSeconds: -1,
      },
    ]);
  });

  test('logs are kept for a month by their function', () => {
    const groups = Object.values(ofType(template, 'AWS::Logs::LogGroup')).map(({ Properties }) => Properties);
    expect(groups).toHaveLength(FUNCTIONS.length);
    for (const { RetentionInDays } of groups) expect(RetentionInDays).toBe(30);
  });

  test('of the lines that Lambda writes only warnings cost something; ours and metrics, which have no level, all pass', () => {
    for (const name of FUNCTIONS) {
      expect(resourceOf(template, `${name}LambdaFunction`).Properties.LoggingConfig).toEqual({
        LogFormat: 'JSON',
        SystemLogLevel: 'WARN',
        ApplicationLogLevel: 'INFO',
      });
    }
  });

  test('the gateway keeps no log of requests: there would be addresses of visitors in it', () => {
    expect(resourceOf(template, 'HttpApiStage').Properties).not.toHaveProperty('AccessLogSettings');
  });

  test('everything that the template refers to is in it', () => {
    expect(referencesIn(template)).not.toHaveLength(0);
    expect(danglingReferences(template)).toEqual([]);
  });

  test('every path of the doors and the report is a route', () => {
    expect(routesOf(template)).toEqual(
      expect.arrayContaining([
        'GET /track',
        'POST /track',
        'POST /events',
        'OPTIONS /{proxy+}',
        'GET /',
        'GET /assets/{name}',
        'GET /health',
        'GET /experiments',
        'GET /experiment',
        'DELETE /delete',
        'GET /v1/experiments',
        'GET /v1/experiment',
        'PUT /v1/experiment',
        'DELETE /v1/experiment',
        'GET /v1/experiments/{name+}',
        'PUT /v1/experiments/{name+}',
        'DELETE /v1/experiments/{name+}',
        'GET /v1/series',
        'GET /v1/config',
      ]),
    );
  });

  test('outputs say where everything is', () => {
    expect(Object.keys(template.Outputs)).toEqual(
      expect.arrayContaining([
        'ApiUrl',
        'TrackUrl',
        'PageUrl',
        'StreamName',
        'ClaimsTable',
        'StateTable',
        'MetricsUrl',
        'EventLogBucket',
      ]),
    );
    expect(template.Outputs.StreamName?.Value).toEqual({ Ref: 'EventStream' });
    expect(template.Outputs.TrackUrl?.Value).toEqual({
      'Fn::Sub': 'https://${HttpApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/track',
    });
  });
});

/** The only tests that need the code bundled, which takes as long as everything else here together. */
describe('the files of a package', () => {
  let packaged: Packaged;
  beforeAll(async () => {
    packaged = await packageProject({ redisUrl: 'rediss://user:planted-password@redis.example:6379', stage: 'prod' });
  });

  test('the zip of a function holds its bundle and nothing else', () => {
    expect(packaged.zips).toEqual({
      ingest: ['functions/ingest/handler.cjs'],
      consumer: ['functions/consumer/handler.cjs'],
      recover: ['functions/recover/handler.cjs'],
      archive: ['functions/archive/handler.cjs'],
      operate: ['functions/operate/handler.cjs'],
      report: ['functions/report/handler.cjs'],
      config: ['functions/config/handler.cjs'],
    });
  });

  test('hold no secret: neither the template nor any other file', () => {
    expect(packaged.bytes.includes('mem-consumer')).toBe(true); // the functions' code was searched
    for (const secret of ['planted-password', 'redis.example', 'resolve:ssm']) {
      expect(packaged.bytes.includes(secret)).toBe(false);
    }
  });
});
