import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { DescribeLimitsCommand, type DescribeLimitsOutput } from '@aws-sdk/client-kinesis';
import {
  GetAccountSettingsCommand,
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  type EventSourceMappingConfiguration,
} from '@aws-sdk/client-lambda';
import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient, type GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import { createKinesisClient } from '../../shared/stores/aws-clients.ts';
import { listLeftovers, readStage, type DeployedStage, type Leftover } from './stack.ts';

/** What the commands ask an AWS account, and the one thing that they write there. */
export interface AwsAccount {
  whoAmI: () => Promise<GetCallerIdentityResponse>;
  readStage: (stage: string) => Promise<DeployedStage | undefined>;
  /** The environment of a function that is deployed. */
  readEnvironment: (functionName: string) => Promise<Record<string, string>>;
  listEventSources: (functionName: string) => Promise<EventSourceMappingConfiguration[]>;
  /** How many invocations of Lambda there may be at once. */
  readConcurrency: () => Promise<number>;
  readStreamLimits: () => Promise<Partial<DescribeLimitsOutput>>;
  readParameter: (name: string) => Promise<string | undefined>;
  /** Another one whenever the parameter was written; undefined where there is none. */
  readParameterVersion: (name: string) => Promise<string | undefined>;
  /** What a stack that could not be made has left behind, by logical id. */
  listLeftovers: (stage: string) => Promise<Leftover[]>;
  /** Keeps a secret under a name, in place of what was there. */
  writeParameter: (name: string, value: string) => Promise<void>;
}

/** @param region undefined for that of AWS' own settings */
export function createAwsAccount(region: string | undefined): AwsAccount {
  const common = region === undefined ? {} : { region };
  const lambda = new LambdaClient(common);
  const ssm = new SSMClient(common);
  return {
    whoAmI: () => new STSClient(common).send(new GetCallerIdentityCommand({})),
    readStage: (stage) => readStage(stage, new CloudFormationClient(common)),
    async readEnvironment(FunctionName) {
      const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
      return Environment?.Variables ?? {};
    },
    async listEventSources(FunctionName) {
      const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName }));
      return EventSourceMappings;
    },
    async readConcurrency() {
      const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
      return AccountLimit?.ConcurrentExecutions ?? 0;
    },
    readStreamLimits: () => createKinesisClient('', common).send(new DescribeLimitsCommand({})),
    async readParameter(Name) {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
      return Parameter?.Value;
    },
    async readParameterVersion(Name) {
      try {
        const { Parameter = {} } = await ssm.send(new GetParameterCommand({ Name }));
        return `${Parameter.Version ?? 0}-${Parameter.LastModifiedDate?.getTime() ?? 0}`;
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined;
        throw error;
      }
    },
    listLeftovers: (stage) => listLeftovers(stage, new CloudFormationClient(common)),
    async writeParameter(Name, Value) {
      await ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true }));
    },
  };
}

/** @returns undefined where AWS' own settings, the environment or the profile, name none */
export async function readAwsRegion(): Promise<string | undefined> {
  return new STSClient({}).config.region().catch(() => undefined);
}
