import { beforeAll, describe, expect, test } from '@jest/globals';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import {
  danglingReferences,
  environmentOf,
  FUNCTIONS,
  ofType,
  resourceOf,
  statementsOf,
} from '../support/deploy/template.ts';

const COUNTING = ['Consumer', 'Recover', 'Report'] as const;

const networkOf = (template: Template, name: (typeof FUNCTIONS)[number]) =>
  resourceOf(template, `${name}LambdaFunction`).Properties.VpcConfig;

describe('without a Redis that is given', () => {
  let template: Template;
  beforeAll(async () => {
    template = await packageTemplate();
  });

  test('there is a Valkey cache that leaves a snapshot when it is removed, and does not keep its network', () => {
    expect(resourceOf(template, 'RedisCache')).toMatchObject({
      Type: 'AWS::ElastiCache::ServerlessCache',
      DeletionPolicy: 'Delete',
      Properties: { Engine: 'valkey', ServerlessCacheName: 'mem-dev' },
    });
    // The account knows the name of a snapshot once: another stack of the same name needs another.
    expect(JSON.stringify(resourceOf(template, 'RedisCache').Properties.FinalSnapshotName)).toContain('AWS::StackId');
    expect(template.Outputs).toHaveProperty('RedisEndpoint');
    expect(template.Outputs).not.toHaveProperty('RedisUrlParameter');
  });

  test('more memory and a snapshot to begin from are settings', async () => {
    const snapshot = 'arn:aws:elasticache:us-east-1:123456789012:serverlesssnapshot:mem-dev-3';
    const restored = await packageTemplate({ redisMaxGb: 50, redisSnapshot: snapshot });
    const { ServerlessCacheName, ...properties } = resourceOf(restored, 'RedisCache').Properties;
    expect(properties).toMatchObject({
      CacheUsageLimits: { DataStorage: { Maximum: 50, Unit: 'GB' } },
      SnapshotArnsToRestore: [snapshot],
    });
    // Its name has to be another one's, or CloudFormation cannot put it in the place of the one that is there.
    expect(ServerlessCacheName).toMatch(/^mem-dev-[0-9a-f]{6}$/);
    expect(JSON.stringify(properties.FinalSnapshotName)).toContain('AWS::StackId');
    expect(resourceOf(restored, 'RedisNearlyFull').Properties.Threshold).toBe(40e9);
    expect(resourceOf(template, 'RedisCache').Properties.CacheUsageLimits).toEqual({
      DataStorage: { Maximum: 10, Unit: 'GB' },
    });
  });

  test('the functions that count and report are in its network with IPv6, and the door is in none', () => {
    for (const name of COUNTING) {
      expect(networkOf(template, name)).toEqual({
        SubnetIds: [{ Ref: 'SubnetA' }, { Ref: 'SubnetB' }],
        SecurityGroupIds: [{ 'Fn::GetAtt': ['FunctionsSecurityGroup', 'GroupId'] }],
        Ipv6AllowedForDualStack: true,
      });
    }
    expect(networkOf(template, 'Ingest')).toBeUndefined();
  });

  test('they speak with it in cluster mode over TLS, and with Kinesis over IPv6', () => {
    for (const name of COUNTING) {
      expect(environmentOf(template, name)).toMatchObject({
        REDIS_URL: { 'Fn::Sub': 'rediss://${RedisCache.Endpoint.Address}:${RedisCache.Endpoint.Port}' },
        REDIS_URL_PARAMETER: '',
        REDIS_CLUSTER: 'true',
      });
    }
    for (const name of ['Consumer', 'Recover'] as const) {
      expect(environmentOf(template, name)).toMatchObject({ KINESIS_OVER_IPV6: 'true' });
    }
  });

  test('only these functions reach it, only at its ports, and it reaches nobody', () => {
    const fromFunctions = {
      GroupId: { 'Fn::GetAtt': ['CacheSecurityGroup', 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': ['FunctionsSecurityGroup', 'GroupId'] },
      IpProtocol: 'tcp',
      FromPort: 6_379,
      ToPort: 6_380,
    };
    const ingress = Object.values(ofType(template, 'AWS::EC2::SecurityGroupIngress'));
    expect(ingress.map(({ Properties }) => Properties)).toEqual([expect.objectContaining(fromFunctions)]);
    const groups = Object.values(ofType(template, 'AWS::EC2::SecurityGroup'));
    for (const { Properties } of groups) expect(Properties).not.toHaveProperty('SecurityGroupIngress');
    expect(resourceOf(template, 'CacheSecurityGroup').Properties.SecurityGroupEgress).toEqual([
      expect.objectContaining({ CidrIp: '127.0.0.1/32' }),
    ]);
  });

  test('nothing in the network is paid by the hour, and nothing leads in', () => {
    for (const type of ['NatGateway', 'InternetGateway', 'VPCGatewayAttachment', 'EIP']) {
      expect(ofType(template, `AWS::EC2::${type}`)).toEqual({});
    }
    const endpoints = Object.values(ofType(template, 'AWS::EC2::VPCEndpoint'));
    expect(endpoints.map(({ Properties }) => Properties.VpcEndpointType)).toEqual(['Gateway', 'Gateway']);
    const routes = Object.values(ofType(template, 'AWS::EC2::Route'));
    expect(routes.map(({ Properties }) => Properties)).toEqual([
      expect.objectContaining({ DestinationIpv6CidrBlock: '::/0', EgressOnlyInternetGatewayId: { Ref: 'WayOut' } }),
    ]);
  });

  test('both subnets have addresses of both kinds, and the routes', () => {
    for (const letter of ['A', 'B']) {
      const { Properties, DependsOn } = resourceOf(template, `Subnet${letter}`);
      expect([DependsOn].flat()).toEqual(['NetworkIpv6']);
      expect(Properties).toMatchObject({ CidrBlock: expect.anything(), Ipv6CidrBlock: expect.anything() });
      expect(resourceOf(template, `RoutesOfSubnet${letter}`).Properties.RouteTableId).toEqual({ Ref: 'Routes' });
    }
    const [a, b] = ['SubnetA', 'SubnetB'].map((name) => resourceOf(template, name).Properties);
    for (const property of ['CidrBlock', 'Ipv6CidrBlock', 'AvailabilityZone', 'AvailabilityZoneId']) {
      expect(a?.[property]).not.toEqual(b?.[property]);
    }
  });

  test('the way to DynamoDB lets through what the roles in the network may do', () => {
    const policy = resourceOf(template, 'DynamoDBEndpoint').Properties.PolicyDocument as {
      Statement: { Action: string[] }[];
    };
    const through = policy.Statement.flatMap(({ Action }) => Action);
    const needed = COUNTING.flatMap((name) => statementsOf(template, `${name}Role`))
      .flatMap(({ Action }) => Action)
      .filter((action) => action.startsWith('dynamodb:'));
    expect(through).toEqual([...new Set(needed)].sort());
  });
});

describe.each([
  ['the name of a parameter', { redisUrlParameter: '/shop/redis', redisCluster: true }, '/shop/redis', 'true'],
  [
    'a URL',
    { redisUrl: 'rediss://user:planted-password@redis.example:6379', stage: 'prod' },
    '/mem/prod/redis-url',
    'false',
  ],
])('where %s is given', (_, settings, parameter, cluster) => {
  let template: Template;
  beforeAll(async () => {
    template = await packageTemplate(settings);
  });

  test('there is neither a cache nor a network', () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /^AWS::(EC2|ElastiCache)::/.test(type))).toEqual([]);
    for (const name of FUNCTIONS) expect(networkOf(template, name)).toBeUndefined();
    expect(danglingReferences(template)).toEqual([]);
  });

  test('functions know the name of the parameter, and may read this one', () => {
    expect(template.Outputs.RedisUrlParameter?.Value).toBe(parameter);
    for (const name of COUNTING) {
      expect(environmentOf(template, name)).toMatchObject({
        REDIS_URL: '',
        REDIS_URL_PARAMETER: parameter,
        REDIS_CLUSTER: cluster,
      });
      const reading = statementsOf(template, `${name}Role`).filter(({ Action }) => Action.includes('ssm:GetParameter'));
      expect(reading.map(({ Resource }) => Resource)).toEqual([
        { 'Fn::Sub': `arn:\${AWS::Partition}:ssm:\${AWS::Region}:\${AWS::AccountId}:parameter${parameter}` },
      ]);
    }
  });
});
