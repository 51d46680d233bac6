import { expect, test } from '@jest/globals';
import { faultOf, VERSIONS, waitingFor } from '../../../shared/contract/versions.ts';
import { createRecordFormats, createVersionsOfStage } from '../../../shared/stores/dynamodb/installation.ts';
import { createMemoryDynamoDB } from '../../support/dynamodb/memory-dynamodb.ts';

const stage = () =>
  createVersionsOfStage(createMemoryDynamoDB({ state: { keys: ['pk', 'sk'] } }, Date.now).client, 'state');

test('where nobody has noted anything, all is as this release writes it', async () => {
  expect(await stage().read()).toEqual(VERSIONS);
});

test('the highest version stays, whichever release is started last', async () => {
  const versions = stage();
  await versions.raise({ ...VERSIONS, record: 7 });
  await versions.raise(VERSIONS);
  expect(await versions.read()).toEqual({ ...VERSIONS, record: 7 });
  expect(await createRecordFormats(versions).highest()).toBe(7);
});

test('a release does not go on with claims or state of a newer one, and says which; records wait', () => {
  expect(faultOf({ ...VERSIONS, record: 9, layout: 9, logFile: 9 })).toBeUndefined();
  expect(faultOf({ ...VERSIONS, claims: 9 })).toMatch(/has written claims of version 9 \(this one reads 1\): deploy/);
  expect(waitingFor(VERSIONS)).toBeUndefined();
  expect(waitingFor({ ...VERSIONS, record: 9 })).toMatch(/stream records of version 9 wait for a newer version/);
});
