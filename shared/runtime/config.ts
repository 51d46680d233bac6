import { VERSIONS } from '../contract/versions.ts';
import { PermanentError } from './errors.ts';
import { DEFAULT_LIMITS, NO_EVENT_LIMITS, type EventLimits, type Limits } from '../contract/limits.ts';

type Environment = Record<string, string | undefined>;

/** Reads one setting from its text; throws an Error whose message says what was expected. */
type Parser<T> = (text: string) => T;

interface Setting<T> {
  variable: string;
  parse: Parser<T>;
  fallback?: T;
  /** What came is not to be shown. */
  secret?: boolean;
}

type Settings<T> = { [K in keyof T]: Setting<T[K]> };

/**
 * Reads the settings of one function from its environment.
 * @throws PermanentError that names every missing or bad setting at once, with what was expected and what came.
 */
export function readConfig<T extends object>(environment: Environment, settings: Settings<T>): T {
  const problems: string[] = [];
  const config: Partial<T> = {};
  for (const key of Object.keys(settings) as (keyof T)[]) {
    const { variable, parse, fallback, secret } = settings[key];
    const text = environment[variable];
    if (text === undefined || text === '') {
      if (fallback === undefined) problems.push(`${variable} is missing`);
      else config[key] = fallback;
      continue;
    }
    try {
      config[key] = parse(text);
    } catch (error) {
      const came = secret ? 'something else' : JSON.stringify(text);
      problems.push(`${variable}: ${error instanceof Error ? error.message : String(error)}, got ${came}`);
    }
  }
  if (problems.length > 0) throw new PermanentError(`Bad configuration: ${problems.join('; ')}.`);
  return config as T;
}

export const text: Parser<string> = (value) => value;

/** Any text, and nothing where there is none. */
export function optionalText(variable: string): Setting<string> {
  return { variable, parse: text, fallback: '' };
}

export function wholeNumber(least: number, most: number): Parser<number> {
  return (value) => {
    const number = Number(value);
    if (!/^\d+$/.test(value) || number < least || number > most) {
      throw new Error(`expected a whole number from ${least} to ${most}`);
    }
    return number;
  };
}

const yesOrNo: Parser<boolean> = (value) => {
  if (value !== 'true' && value !== 'false') throw new Error('expected true or false');
  return value === 'true';
};

/** `{"experiments":5}`: what is not given is as it is by default. */
function wholeNumbers<T extends object>(defaults: T, largest: number): Parser<T> {
  const names = Object.keys(defaults);
  const wanted = `expected JSON with whole numbers from 0 to ${largest} for some of ${names.join(', ')}`;
  return (value) => {
    let given: unknown;
    try {
      given = JSON.parse(value);
    } catch {
      throw new Error(wanted);
    }
    if (typeof given !== 'object' || given === null) throw new Error(wanted);
    for (const [name, number] of Object.entries(given)) {
      if (!names.includes(name) || !Number.isInteger(number) || number < 0 || number > largest) throw new Error(wanted);
    }
    return { ...defaults, ...given };
  };
}

/** So many digests are far below the 400 KB of an item. */
const MOST_NAMES = 10_000;

const MOST_EVENTS_PER_SECOND = 1_000_000_000;

/** `https://shop.example,https://www.shop.example`, as browsers write them in `Origin`. */
const origins: Parser<string[]> = (value) =>
  value.split(',').map((part) => {
    const origin = URL.canParse(part.trim()) ? new URL(part.trim()).origin : 'null';
    if (origin === 'null') throw new Error('expected origins such as https://shop.example, with commas between them');
    return origin;
  });

const originSettings = { allowedOrigins: { variable: 'ALLOWED_ORIGINS', parse: origins, fallback: [] } };

export const url: Parser<string> = (value) => {
  if (!URL.canParse(value)) throw new Error('expected a URL');
  return value;
};

export const redisUrl: Parser<string> = (value) => {
  const scheme = URL.canParse(value) ? new URL(value).protocol : '';
  if (scheme !== 'redis:' && scheme !== 'rediss:') throw new Error('expected a URL such as redis://host:6379');
  return value;
};

/** What lies under one hash tag is on one node of a Redis cluster, so that one Lua call may touch all of it. */
export const redisPrefix: Parser<string> = (value) => {
  if (!/^\{[A-Za-z0-9_.:-]+\}$/.test(value)) throw new Error('expected a hash tag such as {mem}');
  return value;
};

const redisSettings = {
  redisUrl: { variable: 'REDIS_URL', parse: redisUrl, fallback: '', secret: true },
  redisUrlParameter: optionalText('REDIS_URL_PARAMETER'),
  redisPrefix: { variable: 'REDIS_PREFIX', parse: redisPrefix, fallback: '' },
  redisCluster: { variable: 'REDIS_CLUSTER', parse: yesOrNo, fallback: false },
};

const stageSetting = { variable: 'STAGE', parse: text, fallback: 'local' };

/** Which of several installations this is: its metrics carry the name. */
export function readStage(environment: Environment): string {
  return environment.STAGE ?? stageSetting.fallback;
}

/** Local servers instead of AWS' own; empty on AWS. */
const endpointSettings = {
  kinesisEndpoint: { variable: 'KINESIS_ENDPOINT', parse: url, fallback: '' },
  dynamodbEndpoint: { variable: 'DYNAMODB_ENDPOINT', parse: url, fallback: '' },
};

const DAY_MS = 86_400_000;

export interface RedisConfig {
  redisUrl: string;
  /** Name of the SSM parameter that holds the URL, where the URL itself is not given. */
  redisUrlParameter: string;
  /** The hash tag under which everything lies; '' for the installation's own, which its state table knows. */
  redisPrefix: string;
  /** Whether it runs in cluster mode. */
  redisCluster: boolean;
}

/** Whose pages may send events and read answers; everybody's where none is named. */
export interface OriginConfig {
  allowedOrigins: string[];
}

export interface IngestConfig extends OriginConfig {
  streamName: string;
  kinesisEndpoint: string;
  /** Where the instances tell each other how much came; '' where they do not. */
  stateTable: string;
  dynamodbEndpoint: string;
  eventLimits: EventLimits;
  /** Whether what crawlers do counts as what visitors do. */
  countCrawlers: boolean;
  /** The highest version of stream records that may be written: what the oldest consumer reads. */
  recordVersion: number;
  /** Namespace -> experiments whose exposures have to be signed. */
  signedOnly: Record<string, string[]>;
  /** With what they are signed: the secrets, with white space between, or the SSM parameter that holds them. */
  signingSecrets: string;
  signingSecretParameter: string;
  /** How long one request may try to reach the stream, ms. */
  putBudgetMs: number;
}

/** `{"alephbet":["checkout"]}` */
const namesByNamespace: Parser<Record<string, string[]>> = (value) => {
  const wanted = 'expected JSON such as {"alephbet":["checkout"]}';
  let given: unknown;
  try {
    given = JSON.parse(value);
  } catch {
    throw new Error(wanted);
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) throw new Error(wanted);
  const isNames = (names: unknown) => Array.isArray(names) && names.every((name) => typeof name === 'string');
  if (!Object.values(given).every(isNames)) throw new Error(wanted);
  return given as Record<string, string[]>;
};

const eventLimitsSetting = {
  variable: 'EVENT_LIMITS',
  parse: wholeNumbers(NO_EVENT_LIMITS, MOST_EVENTS_PER_SECOND),
  fallback: NO_EVENT_LIMITS,
};

export function readIngestConfig(environment: Environment): IngestConfig {
  return readConfig<IngestConfig>(environment, {
    ...originSettings,
    streamName: { variable: 'STREAM_NAME', parse: text },
    ...endpointSettings,
    stateTable: optionalText('STATE_TABLE'),
    eventLimits: eventLimitsSetting,
    countCrawlers: { variable: 'COUNT_CRAWLERS', parse: yesOrNo, fallback: false },
    recordVersion: { variable: 'RECORD_VERSION', parse: wholeNumber(1, VERSIONS.record), fallback: VERSIONS.record },
    signedOnly: { variable: 'SIGNED_ONLY', parse: namesByNamespace, fallback: {} },
    signingSecrets: { ...optionalText('SIGNING_SECRETS'), secret: true },
    signingSecretParameter: optionalText('SIGNING_SECRET_PARAMETER'),
    putBudgetMs: { variable: 'PUT_BUDGET_MS', parse: wholeNumber(100, 25_000), fallback: 5_000 },
  });
}

export interface ConsumerConfig extends RedisConfig {
  stage: string;
  streamName: string;
  claimsTable: string;
  stateTable: string;
  /** How long a uuid is remembered after its first receipt, ms. */
  claimWindowMs: number;
  /** How long the stream keeps a record, ms. */
  retentionMs: number;
  /** Whether the stream stops with the system, as on one machine: nothing is put, and missed, while it is off. */
  streamStops: boolean;
  kinesisEndpoint: string;
  /** Whether Kinesis is reached over IPv6 alone. */
  kinesisOverIpv6: boolean;
  dynamodbEndpoint: string;
  /** Where the event log lies: `s3://bucket`, or a folder; empty where there is none. */
  eventLog: string;
  limits: Limits;
  eventLimits: EventLimits;
  /** Whether an experiment needs a definition before it counts. */
  countOnlyDefined: boolean;
}

const days = (value: string) => wholeNumber(1, 3_650)(value) * DAY_MS;
const hours = (value: string) => (wholeNumber(24, 8_760)(value) * DAY_MS) / 24;

/** Of the stream, the tables and the event log. */
const countingSettings = {
  ...endpointSettings,
  kinesisOverIpv6: { variable: 'KINESIS_OVER_IPV6', parse: yesOrNo, fallback: false },
  stage: stageSetting,
  streamName: { variable: 'STREAM_NAME', parse: text },
  claimsTable: { variable: 'CLAIMS_TABLE', parse: text },
  stateTable: { variable: 'STATE_TABLE', parse: text },
  claimWindowMs: { variable: 'CLAIM_WINDOW_DAYS', parse: days, fallback: 30 * DAY_MS },
  retentionMs: { variable: 'STREAM_RETENTION_HOURS', parse: hours, fallback: 7 * DAY_MS },
  eventLog: optionalText('EVENT_LOG'),
  streamStops: { variable: 'STREAM_STOPS', parse: yesOrNo, fallback: false },
};

/** What the archiver needs, which knows nothing of Redis. */
export type ArchiveConfig = Pick<
  ConsumerConfig,
  | 'stage'
  | 'streamName'
  | 'claimsTable'
  | 'stateTable'
  | 'claimWindowMs'
  | 'retentionMs'
  | 'streamStops'
  | 'kinesisEndpoint'
  | 'kinesisOverIpv6'
  | 'dynamodbEndpoint'
  | 'eventLog'
>;

export function readArchiveConfig(environment: Environment): ArchiveConfig {
  return readConfig<ArchiveConfig>(environment, countingSettings);
}

export function readConsumerConfig(environment: Environment): ConsumerConfig {
  const config = readConfig<ConsumerConfig>(environment, {
    ...redisSettings,
    ...countingSettings,
    limits: { variable: 'LIMITS', parse: wholeNumbers(DEFAULT_LIMITS, MOST_NAMES), fallback: DEFAULT_LIMITS },
    eventLimits: eventLimitsSetting,
    countOnlyDefined: { variable: 'COUNT_ONLY_DEFINED', parse: yesOrNo, fallback: false },
  });
  if (config.claimWindowMs < config.retentionMs) {
    // Within one batch the first record with a uuid wins: that holds only while no batch spans a whole window.
    throw new PermanentError('Bad configuration: CLAIM_WINDOW_DAYS must not be shorter than STREAM_RETENTION_HOURS.');
  }
  return config;
}

export function readOriginConfig(environment: Environment): OriginConfig {
  return readConfig<OriginConfig>(environment, originSettings);
}

export interface ConfigConfig extends OriginConfig {
  stateTable: string;
  dynamodbEndpoint: string;
}

/** Settings of the function that answers `/v1/config`. */
export function readConfigConfig(environment: Environment): ConfigConfig {
  return readConfig<ConfigConfig>(environment, {
    ...originSettings,
    dynamodbEndpoint: endpointSettings.dynamodbEndpoint,
    stateTable: { variable: 'STATE_TABLE', parse: text },
  });
}

export interface ReportConfig extends RedisConfig {
  stage: string;
  stateTable: string;
  dynamodbEndpoint: string;
}

export function readReportConfig(environment: Environment): ReportConfig {
  return readConfig<ReportConfig>(environment, {
    ...redisSettings,
    dynamodbEndpoint: endpointSettings.dynamodbEndpoint,
    stateTable: { variable: 'STATE_TABLE', parse: text },
    stage: stageSetting,
  });
}
