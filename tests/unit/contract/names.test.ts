import { describe, expect, test } from '@jest/globals';
import fc from '../../support/fast-check.ts';
import { claimId } from '../../../shared/counting/decode.ts';
import {
  experimentId,
  fieldOf,
  parseExperimentId,
  parseField,
  segmentLabel,
} from '../../../shared/contract/experiment-id.ts';
import { texts } from '../../support/counting/any-event.ts';
import { anEvent } from '../../support/counting/events.ts';

const refs = fc.record({ namespace: texts(0, 20), experiment: texts(1, 20), incarnation: fc.nat(3) });
const parts = fc.array(texts(0, 6), { minLength: 2, maxLength: 4 });

describe('the id of an experiment', () => {
  test('comes back as the experiment that it was made of', () => {
    fc.assert(fc.property(refs, (ref) => expect(parseExperimentId(experimentId(ref))).toEqual(ref)));
  });

  test('is another for every other experiment, also where names hold the separators', () => {
    fc.assert(
      fc.property(refs, refs, (a, b) => {
        expect(experimentId(a) === experimentId(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
    const ids = [
      { namespace: 'a:b', experiment: 'c', incarnation: 0 },
      { namespace: 'a', experiment: 'b:c', incarnation: 0 },
      { namespace: 'a', experiment: 'b%3Ac', incarnation: 0 },
      { namespace: 'a', experiment: 'b:c@0', incarnation: 0 },
      { namespace: '', experiment: 'a:b:c', incarnation: 0 },
    ].map(experimentId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(['', 'a', 'a:b', 'a:@0', 'a:b@x', 'a:b:c@0', 'a:b@0@1', 'a:%@0', '%zz:b@0'])(
    'is never read from %j, which is none',
    (text) => {
      expect(parseExperimentId(text)).toBeUndefined();
    },
  );
});

describe('a field of a counter hash', () => {
  test('comes back as the parts that it was made of', () => {
    fc.assert(fc.property(parts, (names) => expect(parseField(fieldOf(...names))).toEqual(names)));
  });

  test('is another for other parts', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) =>
        expect(fieldOf(...a) === fieldOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b)),
      ),
    );
  });

  test('tells segments apart whose values hold the sign between key and value', () => {
    expect(fieldOf(segmentLabel('a', 'b=c'))).not.toBe(fieldOf(segmentLabel('a.b', 'c')));
  });
});

describe('the id of a claim', () => {
  const identities = fc.record({
    namespace: texts(0, 4),
    experiment: texts(1, 4),
    variant: texts(1, 4),
    event: texts(1, 4),
    uuid: texts(1, 4),
  });

  test('has 16 bytes, the same for the same event whatever else it carries', () => {
    const event = anEvent();
    expect(claimId(event, 0)).toHaveLength(16);
    expect(claimId({ ...event, unit: 'ann', value: 3, segments: { a: 'b' } }, 0)).toEqual(claimId(event, 0));
  });

  test('is another for every other identity', () => {
    fc.assert(
      fc.property(identities, fc.nat(2), identities, fc.nat(2), (a, m, b, n) => {
        expect(hex(claimId(a, m)) === hex(claimId(b, n))).toBe(JSON.stringify([a, m]) === JSON.stringify([b, n]));
      }),
    );
  });

  test('does not collide where parts are shifted: lengths stand before them', () => {
    const ids = [
      claimId(anEvent({ variant: 'ab', event: 'c', uuid: 'u' }), 0),
      claimId(anEvent({ variant: 'a', event: 'bc', uuid: 'u' }), 0),
      claimId(anEvent({ variant: 'a1:b', event: 'c', uuid: 'u' }), 0),
      claimId(anEvent({ variant: 'a', event: 'b1:c', uuid: 'u' }), 0),
      claimId(anEvent({ experiment: 'button1:0', variant: 'a', event: 'b', uuid: 'u' }), 0),
    ].map(hex);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('has the goal in it: a Gimel adapter sends one uuid for all goals of a visitor', () => {
    const shared = anEvent();
    expect(claimId({ ...shared, event: 'clicked' }, 0)).not.toEqual(claimId(shared, 0));
  });

  test('has the incarnation in it: an event counts anew after its experiment was deleted', () => {
    const event = anEvent();
    expect(claimId(event, 1)).not.toEqual(claimId(event, 0));
  });
});

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
