import { createHmac } from 'node:crypto';
import { describe, expect, jest, test } from '@jest/globals';
import { ingest, type IngestDeps } from '../../../functions/ingest/ingest.ts';
import { createRefuseUnsigned, signExposure } from '../../../functions/ingest/signed-exposures.ts';
import { readSigningSecrets } from '../../../functions/ingest/signing-secrets.ts';
import { decodeRecord } from '../../../shared/counting/stream-record.ts';

const SECRET = 'a'.repeat(32);
const OTHER = 'b'.repeat(32);
const NOW = 1_800_000_000_000;
const LATER = NOW / 1_000 + 60;
const exposure = { namespace: 'alephbet', experiment: 'checkout', variant: 'blue', unit: 'ann' };
const event = { ...exposure, event: 'participate', uuid: 'u1' };
const signature = signExposure(exposure, LATER, SECRET);

const refuse = createRefuseUnsigned({
  signedOnly: { alephbet: ['checkout', 'caf\u0065\u0301 '] },
  secrets: [OTHER, SECRET],
  now: () => NOW,
});

describe('a signature', () => {
  test('is what the documentation writes out, for servers in any language', () => {
    const text = `14:mem-exposure-18:alephbet8:checkout4:blue3:ann10:${LATER}`;
    const mac = createHmac('sha256', SECRET).update(text).digest('base64url');
    expect(signature).toBe(`${LATER}.${mac}`);
  });

  test('by any of the secrets lets an exposure in, until it expires', () => {
    expect(refuse(event, signature)).toBeUndefined();
    expect(refuse(event, signExposure(exposure, LATER, OTHER))).toBeUndefined();
    expect(refuse(event, signExposure(exposure, NOW / 1_000, SECRET))).toEqual({
      code: 'bad_signature',
      message: `signature: expected one that is valid still, got one that expired at ${NOW / 1_000}`,
    });
  });

  test.each(['namespace', 'experiment', 'variant', 'unit'] as const)('is of one %s', (part) => {
    const other = signExposure({ ...exposure, [part]: 'other' }, LATER, SECRET);
    expect(refuse(event, other)?.code).toBe('bad_signature');
  });

  test('is of one expiry and one secret, and its parts cannot run together', () => {
    expect(refuse(event, signature.replace(`${LATER}`, `${LATER + 1}`))?.code).toBe('bad_signature');
    expect(refuse(event, signExposure(exposure, LATER, 'c'.repeat(32)))?.code).toBe('bad_signature');
    const shifted = signExposure({ ...exposure, variant: 'bluea', unit: 'nn' }, LATER, SECRET);
    expect(refuse(event, shifted)?.code).toBe('bad_signature');
  });

  test.each([undefined, null, 5, '', `${LATER}`, `${LATER}.short`, `${signature}=`, `x${signature}`])(
    'is not: %j',
    (given) => {
      expect(refuse(event, given)).toMatchObject({ code: 'unsigned', message: expect.stringContaining('EXPIRES.MAC') });
    },
  );

  test('is asked for of exposures in some experiments alone', () => {
    expect(refuse({ ...event, event: 'buy' }, undefined)).toBeUndefined();
    expect(refuse({ ...event, experiment: 'other' }, undefined)).toBeUndefined();
    expect(refuse({ ...event, namespace: 'other' }, undefined)).toBeUndefined();
    expect(refuse({ ...event, experiment: 'caf\u00e9' }, undefined)?.code).toBe('unsigned');
    const { unit: _, ...anonymous } = event;
    expect(refuse(anonymous, signature)).toMatchObject({ code: 'unsigned', message: expect.stringMatching(/^unit: /) });
  });
});

describe('ingest, where exposures have to be signed', () => {
  const send = async (events: object[], signed?: IngestDeps['signed'], recordVersion?: number) => {
    const stored: unknown[] = [];
    const answer = await ingest(
      { method: 'POST', rawQuery: '', headers: {}, body: Buffer.from(JSON.stringify(events)) },
      {
        putRecords: (records) => {
          for (const { data } of records) stored.push(...decodeRecord(data).events);
          return Promise.resolve([]);
        },
        now: () => NOW,
        random: () => 0,
        sleep: () => Promise.resolve(),
        randomKey: () => 'key',
        observe: () => undefined,
        ...(signed && { signed }),
        ...(recordVersion && { recordVersion }),
      },
      NOW + 1_000,
    );
    return { ...answer, stored };
  };
  const signed = () => Promise.resolve(refuse);

  test('refuses the others by their place, and stores no signature', async () => {
    const goal = { ...event, event: 'buy', uuid: 'u2', signature: 'whatever' };
    const { status, body, stored } = await send([event, { ...event, signature }, goal], signed);
    expect(status).toBe(200);
    expect(body).toEqual({ accepted: 2, rejected: [expect.objectContaining({ index: 0, code: 'unsigned' })] });
    expect(stored).toEqual([event, expect.objectContaining({ event: 'buy', uuid: 'u2' })]);
    expect(JSON.stringify(stored)).not.toContain('signature');
  });

  test('where consumers read no newer records, refuses goals that name no experiment, and takes the others', async () => {
    const { experiment: _experiment, variant: _variant, ...goal } = { ...event, event: 'buy', uuid: 'u3' };
    expect((await send([goal])).stored).toEqual([goal]);
    const { body, stored } = await send([goal, event], undefined, 1);
    expect(body).toEqual({ accepted: 1, rejected: [expect.objectContaining({ index: 0, code: 'missing_property' })] });
    expect(stored).toEqual([event]);
  });

  test('takes nothing while the secrets cannot be read: clients send again', async () => {
    const { status, stored } = await send([event], () => Promise.reject(new Error('SSM does not answer')));
    expect([status, stored]).toEqual([503, []]);
  });

  test('elsewhere a signature is left out and named', async () => {
    const { body } = await send([{ ...event, signature }]);
    expect(body).toMatchObject({ accepted: 1, leftOut: [{ property: 'signature', events: 1 }] });
  });
});

describe('the secrets', () => {
  test('are one or several, and long enough', async () => {
    const read = (signingSecrets: string) => readSigningSecrets({ signingSecrets, signingSecretParameter: '' });
    expect(await read(` ${SECRET}\n${OTHER}\n`)).toEqual([SECRET, OTHER]);
    await expect(read(`${SECRET} short`)).rejects.toThrow('at least 32 characters');
    await expect(read(' ')).rejects.toThrow('at least 32 characters');
    await expect(read('')).rejects.toThrow('SIGNING_SECRET_PARAMETER');
  });

  test('are read from the parameter that is named', async () => {
    const ssm = await import('@aws-sdk/client-ssm');
    const sent = jest
      .spyOn(ssm.SSMClient.prototype, 'send')
      .mockImplementation(() => ({ Parameter: { Value: SECRET } }));
    expect(
      await readSigningSecrets({ signingSecrets: '', signingSecretParameter: '/mem/prod/signing-secret' }),
    ).toEqual([SECRET]);
    expect(sent.mock.calls[0]?.[0].input).toEqual({ Name: '/mem/prod/signing-secret', WithDecryption: true });
    sent.mockRestore();
  });
});
