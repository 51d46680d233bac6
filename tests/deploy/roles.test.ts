import { beforeAll, describe, expect, test } from '@jest/globals';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import { FUNCTIONS, ofType, resourceOf, statementsOf } from '../support/deploy/template.ts';

interface Conditions {
  'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': string[] };
}

/** Resources with a `*`, and why there is none without. */
const WIDE: readonly { reason: string; actions: RegExp; resource: RegExp }[] = [
  {
    reason: 'the streams of its own log group',
    actions: /^logs:/,
    resource: /"arn:[^"]*:log-group:\/aws\/lambda\/mem-dev-[a-z]+:\*"/,
  },
  { reason: 'AWS allows describing on all resources only', actions: /^ec2:Describe/, resource: /^"\*"$/ },
  {
    reason: 'interfaces that Lambda names itself, in any subnet',
    actions: /^ec2:(Assign|Create|Delete|Unassign)/,
    resource: /:ec2:\$\{AWS::Region\}:\$\{AWS::AccountId\}:\*\/\*"/,
  },
  {
    reason: 'whichever key the parameter is under, for this parameter alone',
    actions: /^kms:Decrypt$/,
    resource: /:kms:\$\{AWS::Region\}:\$\{AWS::AccountId\}:key\/\*"/,
  },
  {
    reason: 'files of the event log',
    actions: /^s3:(GetObject|PutObject)$/,
    resource: /\$\{EventLogBucket\.Arn\}\/events\/\*/,
  },
];

describe.each([
  ['with a Redis of our own', {}],
  ['with a given Redis', { redisUrlParameter: '/shop/redis' }],
])('%s', (_, settings) => {
  let template: Template;
  beforeAll(async () => {
    template = await packageTemplate(settings);
  });
  const roles = () => Object.keys(ofType(template, 'AWS::IAM::Role'));
  const actionsOf = (role: string) =>
    statementsOf(template, role).flatMap(({ Effect, Action }) => (Effect === 'Allow' ? Action : []));

  test('each function has a role of its own', () => {
    for (const name of FUNCTIONS) {
      expect(resourceOf(template, `${name}LambdaFunction`).Properties.Role).toEqual({
        'Fn::GetAtt': [`${name}Role`, 'Arn'],
      });
    }
    expect(roles()).toEqual(FUNCTIONS.map((name) => `${name}Role`));
  });

  test('roles name every action, and every resource but those that have no narrower name', () => {
    for (const role of roles()) {
      for (const { Effect, Action, Resource } of statementsOf(template, role)) {
        const resource = JSON.stringify(Resource);
        expect(Action.filter((action) => action.includes('*'))).toEqual([]);
        if (Effect === 'Deny' || !resource.includes('*')) continue;
        for (const action of Action) {
          const reasons = WIDE.filter((wide) => wide.actions.test(action) && wide.resource.test(resource));
          expect({ role, action, reasons }).toEqual({ role, action, reasons: [expect.anything()] });
        }
      }
    }
  });

  test('no role is only made of policies that others wrote', () => {
    expect(JSON.stringify(template)).not.toContain(':aws:policy/');
  });

  test('ingest only writes to the stream, and nobody else does; of the state it reaches tallies of events alone', () => {
    expect(actionsOf('IngestRole').filter((action) => !action.startsWith('logs:'))).toEqual([
      'kinesis:PutRecords',
      'dynamodb:UpdateItem',
    ]);
    const [, , { Condition } = {}] = statementsOf(template, 'IngestRole');
    expect(Condition).toMatchObject({
      'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': ['throttle', 'ingest'] },
    });
    const others = roles().filter((role) => role !== 'IngestRole');
    expect(others.flatMap(actionsOf).filter((action) => action.startsWith('kinesis:Put'))).toEqual([]);
  });

  test('whoever may invoke operate reaches no key of the API, nothing in quarantine, and no record of the stream', () => {
    const onTables = statementsOf(template, 'OperateRole').filter(({ Action }) => Action[0]?.startsWith('dynamodb:'));
    const reached = onTables.map(({ Action, Condition }) => [
      Action.map((action) => action.slice('dynamodb:'.length)).join(' '),
      (Condition as Conditions | undefined)?.['ForAllValues:StringEquals']['dynamodb:LeadingKeys'].join(' '),
    ]);
    const changed = 'definition deletion generation import ingest installation log loss names';
    expect(reached).toEqual([
      ['BatchGetItem', undefined], // of the claims
      ['BatchGetItem GetItem Query', `checkpoint ${changed} versions`],
      ['DeleteItem PutItem UpdateItem', changed],
    ]);
  });

  test('the code of a function may not do with the network what Lambda does for it', () => {
    for (const name of ['Consumer', 'Recover', 'Report']) {
      const allowed = actionsOf(`${name}Role`).filter((action) => action.startsWith('ec2:'));
      const denied = statementsOf(template, `${name}Role`).filter(({ Effect }) => Effect === 'Deny');
      expect(denied.flatMap(({ Action }) => Action)).toEqual([...allowed].sort());
      for (const { Condition } of denied) {
        expect(JSON.stringify(Condition)).toContain(`:function:mem-dev-${name.toLowerCase()}"`);
      }
    }
  });
});
