import { createHmac } from 'node:crypto';
import { expect, test } from '@jest/globals';
import fixture from '../../fixtures/gitlab-experiment.json';
import { computeVectors } from '../../support/sdk/vectors.ts';
import type { Golden } from '../../support/sdk/vectors.ts';

const golden = fixture as unknown as Golden;
const vectors = computeVectors(golden);

test('a legacy key is what gitlab-experiment 0.2.0 makes of the same context', () => {
  expect(vectors.keys).toEqual(golden.keys.map(({ key }) => key));
});

test('migrated contexts have the keys that gitlab-experiment 0.2.0 gives them', () => {
  expect(vectors.migrations).toEqual(golden.migrations.map(({ key, migrationKeys }) => ({ key, migrationKeys })));
});

test('SHA-256 is what later versions of gitlab-experiment take it for', () => {
  expect(vectors.sha256).toEqual(golden.laterVersions.sha256.map(({ key }) => key));
});

test('buckets are those of GrowthBook, version 2', () => {
  expect(vectors.bucketsVersion2).toEqual(golden.growthbookFnv32.version2.map(({ hash }) => hash));
});

test('the hash beneath the buckets is also that of their version 1', () => {
  expect(vectors.bucketsVersion1).toEqual(golden.growthbookFnv32.version1.map(({ hash }) => hash));
});

test('a key is HMAC-SHA-256 under the secret, over the canonical JSON of name and context', () => {
  const hmac = (message: string) => createHmac('sha256', 'secret').update(message).digest('hex');

  expect(vectors.contextKeys.slice(0, 4)).toEqual([
    hmac('["example",{}]'),
    hmac('["example",{"userId":42}]'),
    hmac('["example",{"userId":"42"}]'),
    hmac('["example",{"plan":{"name":"pro","seats":[1,2,3]},"userId":"é"}]'),
  ]);
});

test("an exposure's uuid is a hash of namespace, experiment, event and unit", () => {
  const hash = createHmac('sha256', '').update('["shop","colors","participate","some unit"]').digest('hex');

  expect(vectors.exposure).toMatchObject({ event: 'participate', uuid: hash.slice(0, 32), unit: 'some unit' });
});
