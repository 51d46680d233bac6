import type { RedisConfig } from '../../runtime/config.ts';
import { PermanentError } from '../../runtime/errors.ts';

/**
 * Finds out where Redis is: in the configuration itself, or in the SSM parameter that it names, so that a password
 * never stands in a function's environment.
 * @throws PermanentError where neither is given, or the parameter is empty
 */
export async function readRedisUrl({ redisUrl, redisUrlParameter }: RedisConfig): Promise<string> {
  if (redisUrl !== '') return redisUrl;
  if (redisUrlParameter === '') throw new PermanentError('Bad configuration: set REDIS_URL or REDIS_URL_PARAMETER.');

  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const request = new GetParameterCommand({ Name: redisUrlParameter, WithDecryption: true });
  const { Parameter } = await new SSMClient().send(request);
  if (!Parameter?.Value) {
    throw new PermanentError(`SSM parameter ${redisUrlParameter}: expected a Redis URL, got nothing`);
  }
  return Parameter.Value;
}
