// What the SDK must compute alike wherever it runs: the same module is called in Node and in a browser.
import { createEvent } from '../../../sdk/src/experiment/event.ts';
import { configurationOf, gitlabCompatible } from '../../../sdk/src/gem-style/experiment.ts';
import { Experiment } from '../../../sdk/src/gem-style/experiment.ts';
import { fnv1a } from '../../../sdk/src/rollout.ts';
import { toHex } from '../../../sdk/src/key/sha256.ts';
import { hmacSha256 } from '../../../sdk/src/key/sha256.ts';
import { sha256 } from '../../../sdk/src/key/sha256.ts';
import { contextKey } from '../../../sdk/src/key/context-key.ts';
import { legacyKey } from '../../../sdk/src/key/legacy-key.ts';
import { bucket } from '../../../sdk/src/rollout.ts';
import { percent } from '../../../sdk/src/rollout.ts';

type Pairs = readonly (readonly [string, string | number | null])[];

export interface Golden {
  readonly keys: readonly { readonly context: Pairs; readonly key: string }[];
  readonly migrations: readonly {
    readonly context: Pairs;
    readonly migratedFrom?: Pairs;
    readonly migratedWith?: Pairs;
    readonly cookie?: string;
    readonly key: string;
    readonly migrationKeys: readonly string[];
  }[];
  readonly laterVersions: { readonly sha256: readonly { readonly of: string; readonly key: string }[] };
  readonly growthbookFnv32: {
    readonly version1: readonly { readonly seed: string; readonly value: string; readonly hash: number }[];
    readonly version2: readonly { readonly seed: string; readonly value: string; readonly hash: number }[];
  };
}

class GitlabExperiment extends Experiment {
  static override readonly configuration = configurationOf(gitlabCompatible);
}

const migrationOf = ({ context, migratedFrom, migratedWith, cookie }: Golden['migrations'][number]) => {
  const { key, migrationKeys } = new GitlabExperiment('example', {
    ...Object.fromEntries(context),
    ...(migratedFrom && { migrated_from: Object.fromEntries(migratedFrom) }),
    ...(migratedWith && { migrated_with: Object.fromEntries(migratedWith) }),
    // A cookie beside a user id migrates from what the user id was: tests/unit/sdk has the cookie itself.
    ...(cookie !== undefined && { migrated_with: { user_id: cookie } }),
  }).context();
  return { key, migrationKeys };
};

const contexts = [
  {},
  { userId: 42 },
  { userId: '42' },
  { userId: 'é', plan: { name: 'pro', seats: [1, 2, 3] } },
  { '\u{1f600}': '\ud800', nothing: null, yes: true },
];

/** Everything golden that the SDK computes, and what has no golden value but must be the same everywhere. */
export const computeVectors = (golden: Golden) => ({
  keys: golden.keys.map(({ context }) => legacyKey(Object.fromEntries(context))),
  migrations: golden.migrations.map(migrationOf),
  sha256: golden.laterVersions.sha256.map(({ of }) => toHex(sha256([...new TextEncoder().encode(of)]))),
  bucketsVersion1: golden.growthbookFnv32.version1.map(({ seed, value }) => (fnv1a(value + seed) % 1000) / 1000),
  bucketsVersion2: golden.growthbookFnv32.version2.map(({ seed, value }) => bucket(seed, value)),
  contextKeys: contexts.map((context) => contextKey(hmacSha256, 'secret', 'example', context)),
  assignments: Array.from({ length: 100 }, (_, i) =>
    percent({ control: 20, red: 30, blue: 50 }).choose({ name: 'colors', id: `visitor ${i}`, coverage: 0.9 }),
  ),
  exposure: createEvent(
    hmacSha256,
    { namespace: 'shop', experiment: 'colors', variant: 'red', unit: 'some unit' },
    'participate',
    { once: true },
  ),
});
