// docs/sdk-spec.md in values: what a client in any language has to compute.
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fits, type Condition } from '../../../sdk/src/config/conditions.ts';
import { createEvent } from '../../../sdk/src/experiment/event.ts';
import { canonicalJson, contextKey, type HashVersion } from '../../../sdk/src/key/context-key.ts';
import { hmacSha256 } from '../../../sdk/src/key/sha256.ts';
import { isUsableId } from '../../../sdk/src/key/usable-id.ts';
import { visitorUnit } from '../../../sdk/src/node/visitor-unit.ts';
import { unitOf } from '../../../cli/commands/set-up/unit.ts';
import { bucket, percent } from '../../../sdk/src/rollout.ts';

interface Vectors {
  canonical: { value: unknown; hashVersion: HashVersion; text: string }[];
  keys: { secret: string; experiment: string; context: object; hashVersion: HashVersion; key: string }[];
  units: { secret: string; namespace: string; context: object; unit: string }[];
  buckets: { seed: string; id: string; place: number }[];
  assignments: {
    experiment: string;
    weights: Record<string, number>;
    coverage: number;
    id: string;
    variant: string | null;
  }[];
  uuids: { namespace: string; experiment: string; event: string; unit: string; uuid: string }[];
  ids: { id: string; usable: boolean }[];
  conditions: { experiment: string; condition: Condition; attributes: object; fits: boolean }[];
}

const vectors = JSON.parse(readFileSync('sdk/vectors.json', 'utf8')) as Vectors;

describe('the vectors hold for', () => {
  test.each(vectors.conditions)(
    'the rule $condition on $attributes',
    ({ experiment, condition, attributes, ...one }) => {
      expect(fits(experiment, condition, attributes)).toBe(one.fits);
    },
  );

  test.each(vectors.canonical)('the text of $value, version $hashVersion', ({ value, hashVersion, text }) => {
    expect(canonicalJson(value, hashVersion)).toBe(text);
  });

  test.each(vectors.keys)('the key $key', ({ secret, experiment, context, hashVersion, key }) => {
    expect(contextKey(hmacSha256, secret, experiment, context, hashVersion)).toBe(key);
  });

  test.each(vectors.units)('the unit $unit, also of the command', ({ secret, namespace, context, unit }) => {
    expect(visitorUnit(context, { namespace, keySecret: secret })).toBe(unit);
    const [[as, id] = ['', '']] = Object.entries(context);
    if (typeof id === 'string' && Object.keys(context).length === 1) {
      expect(unitOf(id, { as, namespace, secret })).toBe(unit);
    }
  });

  test.each(vectors.buckets)('the place of $id under $seed', ({ seed, id, place }) => {
    expect(bucket(seed, id)).toBe(place);
  });

  test('assignments by percent', () => {
    for (const { experiment, weights, coverage, id, variant } of vectors.assignments) {
      expect(percent(weights).choose({ name: experiment, id, coverage }) ?? null).toBe(variant);
    }
  });

  test.each(vectors.uuids)('the uuid of $event by $unit', ({ event, uuid, ...subject }) => {
    expect(createEvent(hmacSha256, { ...subject, variant: 'any' }, event, { once: true }).uuid).toBe(uuid);
  });

  test.each(vectors.ids)('the id $id', ({ id, usable }) => {
    expect(isUsableId(id)).toBe(usable);
  });
});
