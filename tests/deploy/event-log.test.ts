import { beforeAll, describe, expect, test } from '@jest/globals';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import { danglingReferences, environmentOf, ofType, resourceOf, statementsOf } from '../support/deploy/template.ts';

const BUCKET = '{"Fn::GetAtt":["EventLogBucket","Arn"]}';
const FILES = '{"Fn::Sub":"${EventLogBucket.Arn}/events/*"}';

describe('the event log', () => {
  let template: Template;
  beforeAll(async () => {
    template = await packageTemplate();
  });
  const onFiles = (role: string) =>
    statementsOf(template, role)
      .filter(({ Action }) => Action.some((action) => action.startsWith('s3:')))
      .map(({ Action, Resource }) => [Action.join(' '), JSON.stringify(Resource)]);

  test('is written every hour by a function outside of every network, and read where Redis is recounted', () => {
    const rules = Object.values(ofType(template, 'AWS::Events::Rule'));
    expect(rules.map(({ Properties }) => Properties.ScheduleExpression)).toContain('rate(1 hour)');
    expect(resourceOf(template, 'ArchiveLambdaFunction').Properties).toMatchObject({ Timeout: 900 });
    expect(resourceOf(template, 'ArchiveLambdaFunction').Properties).not.toHaveProperty('VpcConfig');
    for (const name of ['Archive', 'Consumer', 'Recover', 'Operate'] as const) {
      expect(environmentOf(template, name).EVENT_LOG).toEqual({ 'Fn::Sub': 's3://${EventLogBucket}' });
    }
    for (const role of ['ArchiveRole', 'OperateRole']) {
      expect(onFiles(role)).toEqual([
        ['s3:GetObject s3:PutObject', FILES],
        ['s3:ListBucket', BUCKET],
      ]);
    }
    for (const role of ['ConsumerRole', 'RecoverRole']) {
      expect(onFiles(role)).toEqual([
        ['s3:GetObject', FILES],
        ['s3:ListBucket', BUCKET],
      ]);
    }
    for (const role of ['IngestRole', 'ReportRole', 'ConfigRole']) expect(onFiles(role)).toEqual([]);
  });

  test('is encrypted, nobody else can see it, it is reached over TLS alone, has no versions, and outlives the stack', () => {
    const bucket = resourceOf(template, 'EventLogBucket');
    expect(bucket).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
        },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
      },
    });
    // Who is forgotten must not live on in versions, and no rule may take a file out of its chain.
    expect(bucket.Properties).not.toHaveProperty('VersioningConfiguration');
    expect(JSON.stringify(bucket.Properties.LifecycleConfiguration)).not.toMatch(/Expiration|Transition/);
    expect(JSON.stringify(resourceOf(template, 'EventLogBucketPolicy').Properties)).toContain(
      '"aws:SecureTransport":"false"',
    );
    expect(template.Outputs.EventLogBucket?.Value).toEqual({ Ref: 'EventLogBucket' });
  });

  test('is reached from the network of our own Redis through a gateway that leads to this bucket alone', () => {
    const { VpcEndpointType, PolicyDocument } = resourceOf(template, 'S3Endpoint').Properties;
    expect(VpcEndpointType).toBe('Gateway');
    const { Statement } = PolicyDocument as { Statement: { Action: string[]; Resource: unknown[] }[] };
    const through = Statement.map(({ Action, Resource }) => [
      Action.join(' '),
      Resource.map((resource) => JSON.stringify(resource)),
    ]);
    expect(through).toEqual([['s3:GetObject s3:ListBucket s3:PutObject', [BUCKET, FILES]]]);
  });

  test('leaves nothing behind where it is not wanted', async () => {
    // Signed exposures are an option of their own, packaged with this one.
    const without = await packageTemplate({ eventLog: false, signedOnly: { shop: ['checkout'] } });
    const signing = resourceOf(without, 'SigningAccess').Properties;
    expect(signing).toMatchObject({ Roles: [{ Ref: 'IngestRole' }] });
    expect(JSON.stringify(signing)).toContain('parameter/mem/dev/signing-secret');
    expect(JSON.stringify(resourceOf(without, 'IngestLambdaFunction').Properties)).toContain('shop');
    for (const type of ['AWS::S3::Bucket', 'AWS::IAM::Policy']) {
      expect(Object.keys(ofType(without, type)).filter((name) => name.startsWith('EventLog'))).toEqual([]);
    }
    expect(Object.values(ofType(without, 'AWS::Events::Rule'))).toHaveLength(1); // recovery's
    for (const name of ['Archive', 'Consumer', 'Recover', 'Operate'] as const) {
      expect(environmentOf(without, name).EVENT_LOG).toBe('');
    }
    const alarms = Object.keys(ofType(without, 'AWS::CloudWatch::Alarm'));
    expect(alarms.filter((name) => /EventLog|Archive/.test(name))).toEqual([]);
    expect(danglingReferences(without)).toEqual([]);
  });
});
