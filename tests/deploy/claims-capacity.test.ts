import { beforeAll, describe, expect, test } from '@jest/globals';
import { ASSUMED, SETTINGS } from '../../cli/cost/usage.ts';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import { danglingReferences, ofType, resourceOf } from '../support/deploy/template.ts';

describe('claims at a fixed capacity', () => {
  let template: Template;
  beforeAll(async () => {
    template = await packageTemplate({
      claimsCapacity: { least: 40, most: 2_000 },
      redisUrlParameter: '/shop/redis',
    });
  });

  test('begin with the least, and are otherwise the table that they were', () => {
    expect(resourceOf(template, 'ClaimsTable')).toMatchObject({
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PROVISIONED',
        ProvisionedThroughput: { ReadCapacityUnits: SETTINGS.claimReadUnits, WriteCapacityUnits: 40 },
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
        DeletionProtectionEnabled: true,
      },
    });
    expect(resourceOf(template, 'StateTable').Properties.BillingMode).toBe('PAY_PER_REQUEST');
  });

  test.each([
    ['Write', 40],
    ['Read', SETTINGS.claimReadUnits],
  ])('%s units follow the traffic, between the least and the most', (kind, least) => {
    expect(resourceOf(template, `Claims${kind}s`)).toEqual({
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: {
        ServiceNamespace: 'dynamodb',
        ResourceId: { 'Fn::Sub': 'table/${ClaimsTable}' },
        ScalableDimension: `dynamodb:table:${kind}CapacityUnits`,
        MinCapacity: least,
        MaxCapacity: 2_000,
      },
    });
    expect(resourceOf(template, `Claims${kind}sFollow`).Properties).toMatchObject({
      PolicyType: 'TargetTrackingScaling',
      ScalingTargetId: { Ref: `Claims${kind}s` },
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: `DynamoDB${kind}CapacityUtilization` },
        TargetValue: 100 * ASSUMED.capacityUse,
      },
    });
    expect(danglingReferences(template)).toEqual([]);
  });

  test('are made for nobody who has not asked for them', async () => {
    const plain = await packageTemplate({ redisUrlParameter: '/shop/redis' });
    expect(resourceOf(plain, 'ClaimsTable').Properties).not.toHaveProperty('ProvisionedThroughput');
    for (const type of ['ScalableTarget', 'ScalingPolicy']) {
      expect(ofType(plain, `AWS::ApplicationAutoScaling::${type}`)).toEqual({});
    }
  });
});
