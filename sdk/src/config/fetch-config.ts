import { InvalidDefinitionError } from '../errors.ts';
import type { ConfigSource } from '../experiment/definition.ts';
import { mergeDefinition } from './merge.ts';
import type { ExperimentConfig } from './merge.ts';

export interface FetchConfigOptions {
  /** How often to ask, in s. Default 60. */
  readonly refreshSeconds?: number;
  /** How long an answer may take, in ms. Default 5,000. */
  readonly timeoutMs?: number;
  /** What a server has handed to the page, so that the first visit goes by it: the answer of `/v1/config`. */
  readonly initial?: Config;
}

/** The answer of `/v1/config`. */
export interface Config {
  readonly version: number;
  readonly experiments: Readonly<Record<string, ExperimentConfig>>;
}

export interface FetchedConfig extends ConfigSource {
  /** Asks now. Resolves when there is an answer or none in time; never rejects. For the start of a server. */
  readonly update: () => Promise<void>;
}

interface Held {
  readonly config: Config;
  readonly at: number;
  readonly etag?: string | null;
}

/** Ten times what a thousand experiments need. */
const MOST_CHARACTERS = 1_000_000;
const DAY_MS = 86_400_000;

/** What a page has, and a server has not. */
interface Here {
  readonly document?: { readonly visibilityState: string };
  readonly localStorage?: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  /** See browser/page.ts, most of which is not needed here. */
  readonly [PAGE]?: { readonly consent: string };
}

const PAGE = Symbol.for('mem-ab-sdk/page');

const here = globalThis as Here;

/**
 * Lets experiments change without a deployment: `createExperiments({ config: fetchConfig(url), … })`. Goes by what was
 * fetched last, in a page also by an earlier page of it, and asks again in the background. Nothing waits for it, and
 * where it fails everything stays as it is, and `onError` hears of it once.
 * @param url of the backend's `/v1/config?namespace=…`
 * @throws InvalidDefinitionError where the url is none
 */
export function fetchConfig(
  url: string,
  { refreshSeconds = 60, timeoutMs = 5_000, initial }: FetchConfigOptions = {},
): FetchedConfig {
  if (!/^(https?:\/\/[^/]|\/)/.test(url)) {
    throw new InvalidDefinitionError(`Expected a URL of a config, got ${JSON.stringify(url)}.`);
  }
  const storageKey = `mem/config/${url}`;
  const refreshMs = refreshSeconds * 1_000;
  let held: Held | undefined = initial && { config: initial, at: 0 };
  let report: ((error: unknown) => void) | undefined;
  let failure: unknown;
  let isFailing = false;
  let isRead = false;
  let asking: Promise<void> | undefined;

  /** As `createExperiments` was told by then: what it has put there is of a page, and never of a server. */
  const mayKeep = () => here[PAGE]?.consent === 'granted';

  function readKept(): void {
    if (isRead || !mayKeep()) return;
    isRead = true;
    try {
      const kept = JSON.parse(here.localStorage?.getItem(storageKey) ?? 'null') as Held | null;
      if (kept && isConfig(kept.config) && kept.config.version >= (held?.config.version ?? 0)) held = kept;
    } catch {
      // It is asked for again.
    }
  }

  function keep(): void {
    try {
      if (mayKeep()) here.localStorage?.setItem(storageKey, JSON.stringify(held));
    } catch {
      // Then the next page begins without.
    }
  }

  function tell(): void {
    if (!report || failure === undefined) return;
    report(failure);
    failure = undefined;
  }

  async function ask(): Promise<void> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    try {
      const before = held;
      const answered = await request(controller.signal);
      // A cache that is behind, for a day at most: then the table was restored from a backup.
      if (before && answered.config.version < before.config.version && Date.now() - before.at < DAY_MS) {
        throw new Error(`version ${answered.config.version} after ${before.config.version}`);
      }
      held = answered;
      isFailing = false;
      keep();
    } catch (error) {
      if (!isFailing) {
        failure = new Error(`Expected a config from ${url}, got ${String(error)}: variants stay as they are.`);
      }
      isFailing = true;
      tell();
    } finally {
      clearTimeout(timer);
    }
  }

  async function request(signal: AbortSignal): Promise<Held> {
    const etag = held?.etag;
    // In a page its own cache asks so: our header would need a preflight.
    const headers = etag && !here.document ? { 'if-none-match': etag } : undefined;
    const init = { credentials: 'omit', cache: 'no-cache', signal, ...(headers && { headers }) } as const;
    const response = await fetch(url, init);
    if (response.status === 304 && held) return { ...held, at: Date.now() };
    if (!response.ok) throw new Error(`http_${response.status}`);
    const text = await response.text();
    const config: unknown = text.length > MOST_CHARACTERS ? undefined : JSON.parse(text);
    if (!isConfig(config)) throw new Error(`${text.length} characters of something else`);
    return { config, at: Date.now(), etag: response.headers.get('etag') };
  }

  function update(): Promise<void> {
    return (asking ??= ask().finally(() => (asking = undefined)));
  }

  function refreshIfOld(): void {
    readKept();
    const isHidden = here.document?.visibilityState === 'hidden';
    if (!isHidden && Date.now() - (held?.at ?? 0) >= refreshMs) void update();
  }

  // It keeps no process from ending.
  (setInterval(refreshIfOld, refreshMs) as { unref?: () => void }).unref?.();
  // After createExperiments, which says whether anything may be read.
  void Promise.resolve().then(refreshIfOld);

  const source: ConfigSource = (definition, onError) => {
    report ??= onError;
    tell();
    readKept();
    const experiments = held?.config.experiments;
    const found = experiments && Object.hasOwn(experiments, definition.name) && experiments[definition.name];
    if (!found) return definition;
    return mergeDefinition(definition, found);
  };

  return Object.assign(source, { update });
}

/** Whether something is a config that every part of can be used. */
function isConfig(value: unknown): value is Config {
  const { version, experiments } = (value ?? {}) as Partial<Config>;
  return typeof version === 'number' && isObject(experiments) && Object.values(experiments).every(isExperiment);
}

function isExperiment(value: unknown): boolean {
  const { coverage = 1, weights = {}, targeting = {}, exclusive } = (value ?? {}) as Partial<ExperimentConfig>;
  const range = exclusive?.range ?? [];
  return (
    isObject(value) &&
    isObject(targeting) &&
    isObject(weights) &&
    [coverage, ...range].every(isShare) &&
    Object.values(weights).every((weight) => weight >= 0)
  );
}

function isShare(share: unknown): boolean {
  return typeof share === 'number' && share >= 0 && share <= 1;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
