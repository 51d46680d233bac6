import { PermanentError } from '../../shared/runtime/errors.ts';

export interface SigningConfig {
  /** The secrets themselves, as on one machine. */
  signingSecrets: string;
  /** The SSM parameter that holds them, so that none stands in a function's environment. */
  signingSecretParameter: string;
}

const LEAST_LENGTH = 32;

/**
 * The secrets with which exposures may be signed, one a line in the setting or the parameter.
 * @throws PermanentError where there is none, or one that is too short to be one; the SDK's error where SSM cannot be read
 */
export async function readSigningSecrets({ signingSecrets, signingSecretParameter }: SigningConfig): Promise<string[]> {
  const held = signingSecrets === '' ? await readParameter(signingSecretParameter) : signingSecrets;
  const secrets = held.split(/\s+/).filter((secret) => secret !== '');
  if (secrets.length > 0 && secrets.every(({ length }) => length >= LEAST_LENGTH)) return secrets;
  throw new PermanentError(
    `expected secrets of at least ${LEAST_LENGTH} characters for signed exposures, got ${secrets.length} and one too short, or none`,
  );
}

async function readParameter(name: string): Promise<string> {
  if (name === '') throw new PermanentError('signedOnly needs a secret: SIGNING_SECRETS or SIGNING_SECRET_PARAMETER');
  const { GetParameterCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const { Parameter } = await new SSMClient().send(new GetParameterCommand({ Name: name, WithDecryption: true }));
  return Parameter?.Value ?? '';
}
