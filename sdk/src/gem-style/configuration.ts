import { hmacSha256 } from '../hash/hmac.ts';
import { contextKey } from '../key/context-key.ts';
import { legacyKey } from '../key/legacy-key.ts';
import type { CookieSettings } from '../visitor/visitor-cookie.ts';
import type { Experiment } from './experiment.ts';

/** Which variant it shall be, given the one that was asked for. */
export type Resolver = (requested: string | undefined, experiment: Experiment) => string;

/** What happens when an experiment tracks something. What it throws or rejects with goes to `onError`. */
export type TrackingBehavior = (
  experiment: Experiment,
  action: string,
  args: Readonly<Record<string, unknown>>,
) => unknown;

export interface Configuration {
  /** Put before every name, with an underscore. */
  readonly prefix: string | null;
  readonly logger: { info(message: string): void };
  readonly resolver: Resolver;
  readonly tracking: TrackingBehavior;
  /** The key of a context in the experiment of this full name. */
  readonly contextHash: (context: object, name: string) => string;
  /** Without it no cookie is read or written. */
  readonly cookie: CookieSettings | undefined;
  readonly onError: (error: unknown) => void;
}

const logTracking: TrackingBehavior = (experiment, action, args) => {
  const { name, signature, configuration } = experiment;
  configuration.logger.info(`EXPERIMENT[${name}] ${action}: ${JSON.stringify({ ...args, ...signature })}`);
};

/** The default configuration with changes. */
export const configurationOf = (changes: Partial<Configuration> = {}): Configuration => ({
  prefix: null,
  logger: console,
  resolver: (requested) => requested ?? 'control',
  tracking: logTracking,
  contextHash: (context, name) => contextKey(hmacSha256, '', name, context),
  cookie: undefined,
  onError: () => undefined,
  ...changes,
});

/** What gives the names and keys of gitlab-experiment 0.2.0, so that running experiments can be moved over. */
export const gitlabCompatible = {
  prefix: 'gitlab_experiment',
  contextHash: legacyKey,
} as const satisfies Partial<Configuration>;
