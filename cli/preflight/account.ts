import type { DescribeLimitsOutput } from '@aws-sdk/client-kinesis';
import type { GetCallerIdentityResponse } from '@aws-sdk/client-sts';
import type { MemConfig } from '../../deploy/config.cjs';
import { stackName, type DeployedStage } from '../aws/stack.ts';
import { SIGN_IN } from '../outcome.ts';
import type { Check } from './finding.ts';

export function checkRegion(region: string | undefined): Check {
  return {
    name: 'region',
    look: () =>
      region === undefined
        ? {
            status: 'problem',
            found: 'nothing says which',
            advice: 'mem configure --set region=eu-central-1, or --region',
          }
        : { status: 'ok', found: region },
  };
}

/** What a client of AWS says before it asks anybody. */
const NO_REGION = 'Region is missing';

/** @param whoAmI STS GetCallerIdentity */
export function checkCredentials(whoAmI: () => Promise<GetCallerIdentityResponse>): Check {
  return {
    name: 'AWS credentials',
    async look() {
      try {
        const { Account = 'unknown', Arn = 'unknown' } = await whoAmI();
        return { status: 'ok', found: `account ${Account}, ${Arn}` };
      } catch (error) {
        const found = error instanceof Error ? error.message : String(error);
        if (found === NO_REGION) {
          return { status: 'skipped', found: 'no region to ask in', advice: 'name a region first' };
        }
        return { status: 'problem', found, advice: SIGN_IN };
      }
    },
  };
}

/** @param read undefined where there is no such stack */
export function checkStack(stage: string, read: () => Promise<DeployedStage | undefined>): Check {
  return {
    name: 'stack',
    async look() {
      const found = await read();
      const name = stackName(stage);
      if (!found) return { status: 'ok', found: `there is no ${name} yet: mem deploy makes it` };
      if (found.status.endsWith('_IN_PROGRESS')) {
        return { status: 'problem', found: `${name}: ${found.status}`, advice: 'wait until that has ended' };
      }
      if (/FAILED|^ROLLBACK_COMPLETE/.test(found.status)) {
        return {
          status: 'problem',
          found: `${name}: ${found.status}`,
          advice: 'look at its events in CloudFormation; a stack whose creation failed has to be deleted first',
        };
      }
      if (found.status === 'UPDATE_ROLLBACK_COMPLETE') {
        return {
          status: 'warning',
          found: `${name}: its last update failed and was undone`,
          advice: 'its events in CloudFormation say why',
        };
      }
      return { status: 'ok', found: `${name}: ${found.status}` };
    },
  };
}

/** @param read its value; rejects where it is not there */
export function checkRedisParameter(name: string, read: () => Promise<string | undefined>): Check {
  return {
    name: 'Redis parameter',
    async look() {
      const advice = `put the URL there: aws ssm put-parameter --type SecureString --name ${name} --value rediss://…`;
      try {
        const value = (await read()) ?? '';
        if (/^rediss?:\/\//.test(value)) return { status: 'ok', found: name };
        return { status: 'problem', found: `${name} does not hold a redis:// or rediss:// URL`, advice };
      } catch (error) {
        if (!(error instanceof Error) || error.name !== 'ParameterNotFound') throw error;
        return { status: 'problem', found: `there is no SSM parameter ${name}`, advice };
      }
    },
  };
}

/** Lambda keeps so many invocations for functions that reserve none. */
const KEPT_FREE = 100;

/** @param readLimit how many invocations the account may have at once */
export function checkConcurrency({ reservedConcurrency = {} }: MemConfig, readLimit: () => Promise<number>): Check {
  return {
    name: 'Lambda concurrency',
    async look() {
      const limit = await readLimit();
      const reserved = (reservedConcurrency.ingest ?? 0) + (reservedConcurrency.report ?? 0);
      const more = 'ask for more: Service Quotas, Lambda, "Concurrent executions"';
      if (reserved > 0 && limit - reserved < KEPT_FREE) {
        return {
          status: 'problem',
          found: `${reserved} reserved of ${limit}: Lambda keeps ${KEPT_FREE} unreserved`,
          advice: `mem configure --unset reservedConcurrency, or ${more}`,
        };
      }
      if (limit < KEPT_FREE) {
        return {
          status: 'warning',
          found: `${limit} invocations at once, for all functions of the account`,
          advice: more,
        };
      }
      return { status: 'ok', found: `${limit} at once` };
    },
  };
}

/** @param readLimits Kinesis DescribeLimits */
export function checkStreams(
  isDeployed: () => Promise<boolean>,
  readLimits: () => Promise<Partial<DescribeLimitsOutput>>,
): Check {
  return {
    name: 'Kinesis streams',
    async look() {
      const { OnDemandStreamCount: count = 0, OnDemandStreamCountLimit: limit = Infinity } = await readLimits();
      const found = `${count} of ${limit} on-demand streams`;
      if (count < limit || (await isDeployed())) return { status: 'ok', found };
      return {
        status: 'problem',
        found: `${found}: there is no room for another`,
        advice: 'ask for more: Service Quotas, Kinesis Data Streams',
      };
    },
  };
}
