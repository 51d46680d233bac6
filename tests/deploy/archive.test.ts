import { beforeAll, describe, expect, test } from '@jest/globals';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import { danglingReferences, resourceOf, statementsOf } from '../support/deploy/template.ts';

describe('the archive', () => {
  let template: Template;
  beforeAll(async () => {
    template = await packageTemplate({
      archive: true,
      redisUrlParameter: '/shop/redis',
      signedOnly: { shop: ['checkout'] }, // an option of its own, packaged with this one
    });
  });

  test('has nothing to do with signed exposures: ingest reads their secrets from SSM', () => {
    expect(resourceOf(template, 'SigningAccess').Properties).toMatchObject({ Roles: [{ Ref: 'IngestRole' }] });
    expect(JSON.stringify(resourceOf(template, 'SigningAccess').Properties)).toContain(
      'parameter/mem/dev/signing-secret',
    );
    expect(JSON.stringify(resourceOf(template, 'IngestLambdaFunction').Properties)).toContain('shop');
  });

  test('takes every record of the stream to S3, as packed lines', () => {
    expect(resourceOf(template, 'Archive').Properties).toMatchObject({
      DeliveryStreamType: 'KinesisStreamAsSource',
      KinesisStreamSourceConfiguration: { KinesisStreamARN: { 'Fn::GetAtt': ['EventStream', 'Arn'] } },
      ExtendedS3DestinationConfiguration: {
        BucketARN: { 'Fn::GetAtt': ['ArchiveBucket', 'Arn'] },
        CompressionFormat: 'GZIP',
        ProcessingConfiguration: { Enabled: true, Processors: [{ Type: 'AppendDelimiterToRecord' }] },
      },
    });
  });

  test('is encrypted, nobody else can see it, it is reached over TLS alone, and it outlives the stack', () => {
    expect(resourceOf(template, 'ArchiveBucket')).toMatchObject({
      DeletionPolicy: 'Retain',
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
    expect(JSON.stringify(resourceOf(template, 'ArchiveBucketPolicy').Properties)).toContain(
      '"aws:SecureTransport":"false"',
    );
  });

  test('reads the stream, writes to its bucket and its log, and may do nothing else', () => {
    const resources = statementsOf(template, 'ArchiveRole').map(({ Resource }) => JSON.stringify(Resource));
    expect(resources).toEqual([
      '{"Fn::GetAtt":["EventStream","Arn"]}',
      '{"Fn::GetAtt":["ArchiveBucket","Arn"]}',
      '{"Fn::Sub":"${ArchiveBucket.Arn}/*"}',
      '{"Fn::GetAtt":["ArchiveLogGroup","Arn"]}',
    ]);
  });

  test('is among the outputs, and refers to nothing that is missing', () => {
    expect(template.Outputs.ArchiveBucket?.Value).toEqual({ Ref: 'ArchiveBucket' });
    expect(danglingReferences(template)).toEqual([]);
  });
});
