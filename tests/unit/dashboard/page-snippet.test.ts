import { randomUUID } from 'node:crypto';
import { runInNewContext } from 'node:vm';
import { expect, test } from '@jest/globals';
import { pageSnippet } from '../../../dashboard/text/page-snippet.ts';
import { checkEvent } from '../../../shared/contract/event.ts';

const facts = {
  track: 'https://api.example/track',
  namespace: 'shop',
  experiment: `it's "new" </script>`,
  variants: ['red', 'blue'] as [string, ...string[]],
  event: 'participate',
};

/** What a page sends that loads with the snippet in it. */
function load(code: string, localStorage: Record<string, string>): Record<string, string> {
  let sent = '';
  const navigator = {
    sendBeacon: (url: string, body: string) => {
      expect(url).toBe(facts.track);
      sent = body;
    },
  };
  runInNewContext(code, { navigator, localStorage, crypto: { randomUUID }, JSON, parseInt });
  return JSON.parse(sent) as Record<string, string>;
}

test('whoever loads a page again has the same variant, and is one participant', () => {
  const storage = {};
  const first = load(pageSnippet(facts), storage);
  expect(load(pageSnippet(facts), storage)).toEqual(first);
  expect(first).toMatchObject({ namespace: 'shop', experiment: facts.experiment, unit: first.uuid });
  expect(checkEvent(first)).toEqual({ ok: true, event: first });
});

test('visitors get every variant', () => {
  const variants = Array.from({ length: 60 }, () => load(pageSnippet(facts), {}).variant);
  expect([...new Set(variants)].sort()).toEqual(['blue', 'red']);
});

test('nothing in a name ends the script around it', () => {
  expect(pageSnippet(facts)).not.toContain('</script>');
});
