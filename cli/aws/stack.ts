import type { CloudFormationClient, Stack } from '@aws-sdk/client-cloudformation';

/** What a deployed stage says of itself: the outputs of its CloudFormation stack. */
export interface DeployedStage {
  /** Of the stack, such as UPDATE_COMPLETE. */
  status: string;
  outputs: Partial<Record<OutputKey, string>>;
}

type OutputKey =
  | 'ApiUrl'
  | 'TrackUrl'
  | 'PageUrl'
  | 'StreamName'
  | 'ClaimsTable'
  | 'StateTable'
  | 'RedisUrlParameter'
  | 'RedisEndpoint'
  | 'OperateFunction'
  | 'EventLogBucket'
  | 'MetricsUrl';

export function stackName(stage: string): string {
  return `mem-${stage}`;
}

/** The function that counts, and is told how. */
export function consumerName(stage: string): string {
  return `${stackName(stage)}-consumer`;
}

/**
 * Reads what a stage consists of.
 * @returns undefined where there is no such stack
 */
export async function readStage(
  stage: string,
  client: Pick<CloudFormationClient, 'send'>,
): Promise<DeployedStage | undefined> {
  const stack = await describeStack(stackName(stage), client);
  if (!stack) return undefined;
  const outputs = (stack.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]);
  return { status: stack.StackStatus ?? 'unknown', outputs: Object.fromEntries(outputs) as DeployedStage['outputs'] };
}

async function describeStack(name: string, client: Pick<CloudFormationClient, 'send'>): Promise<Stack | undefined> {
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks[0];
  } catch (error) {
    // CloudFormation has no error of its own for it.
    if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')) {
      return undefined;
    }
    throw error;
  }
}

/** Something that a stack has made and that outlives it. */
export interface Leftover {
  /** As CloudFormation calls it, such as AWS::DynamoDB::Table. */
  type: string;
  name: string;
}

const OUTLIVING = ['AWS::DynamoDB::Table', 'AWS::Kinesis::Stream', 'AWS::S3::Bucket'];

/**
 * What a first deployment that failed has left: nothing where the stack is in use.
 * @throws Error of AWS
 */
export async function listLeftovers(stage: string, client: Pick<CloudFormationClient, 'send'>): Promise<Leftover[]> {
  const found = await readStage(stage, client);
  if (!found || !/^(ROLLBACK|CREATE_FAILED|DELETE)/.test(found.status)) return [];
  const { DescribeStackResourcesCommand } = await import('@aws-sdk/client-cloudformation');
  const { StackResources = [] } = await client.send(new DescribeStackResourcesCommand({ StackName: stackName(stage) }));
  return StackResources.flatMap(({ ResourceType: type = '', PhysicalResourceId: name, ResourceStatus: status }) =>
    OUTLIVING.includes(type) && name && status !== 'DELETE_COMPLETE' ? [{ type, name }] : [],
  );
}
