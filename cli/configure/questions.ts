import type * as Prompts from '@clack/prompts';
import { checkConfig, schema, type MemConfig } from '../../deploy/config.cjs';
import { reasonOf, Cancelled } from '../outcome.ts';
import { maskUrl } from './config-file.ts';

type TextSetting = 'region' | 'stage' | 'alarmEmail' | 'redisUrlParameter';
type ListSetting = 'trackPaths' | 'allowedOrigins';
type SwitchSetting = 'countOnlyDefined' | 'eventLog' | 'redisCluster';

const EXAMPLES: Record<TextSetting | ListSetting, string> = {
  region: 'eu-central-1',
  stage: 'prod',
  alarmEmail: 'team@shop.example',
  redisUrlParameter: '/shop/redis-url',
  trackPaths: '/e,/collect',
  allowedOrigins: 'https://shop.example',
};

/** Asks for what most installations have to decide. What is set already is the default; other settings stay. */
export async function askForSettings(before: MemConfig, ask: Ask): Promise<MemConfig> {
  const config: Draft = { ...before };
  await askText('region', config, ask);
  await askText('stage', config, ask);
  await askForRedis(config, ask);
  await askList('trackPaths', config, ask);
  await askList('allowedOrigins', config, ask);
  await askSwitch('countOnlyDefined', config, ask);
  await askSwitch('eventLog', config, ask, true);
  await askText('alarmEmail', config, ask);
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined));
}

/** What was left empty is undefined until the end. */
type Draft = { [Setting in keyof MemConfig]: MemConfig[Setting] | undefined };

async function askForRedis(config: Draft, ask: Ask): Promise<void> {
  const before = config.redisUrl !== undefined ? 'url' : config.redisUrlParameter !== undefined ? 'parameter' : 'own';
  const where = await ask.choice('Which Redis keeps the counters', REDIS_CHOICES, before);
  if (where !== 'url') config.redisUrl = undefined;
  if (where !== 'parameter') config.redisUrlParameter = undefined;
  if (where === 'own') config.redisCluster = undefined;
  if (where === 'url') await askRedisUrl(config, ask);
  if (where === 'parameter') await askText('redisUrlParameter', config, ask, true);
  if (where !== 'own') await askSwitch('redisCluster', config, ask);
}

const REDIS_CHOICES = [
  { value: 'own', label: 'Make one on AWS (ElastiCache Serverless for Valkey)' },
  { value: 'url', label: 'One of yours: its URL, which deploy keeps in SSM' },
  { value: 'parameter', label: 'One of yours: the name of the SSM parameter that holds its URL' },
];

/** It may hold a password, so what is set already is not offered for editing: nothing typed keeps it. */
async function askRedisUrl(config: Draft, ask: Ask): Promise<void> {
  const before = config.redisUrl;
  const kept = before === undefined ? '' : `; empty keeps ${maskUrl(before)}`;
  const url = await ask.secret({
    message: `URL of Redis, such as rediss://user:password@host:6379 (hidden${kept})`,
    validate: (answer) =>
      answer === '' && before !== undefined
        ? undefined
        : faultOf({ redisUrl: answer }, 'rediss://user:password@host:6379'),
  });
  if (url !== '') config.redisUrl = url;
}

async function askText(setting: TextSetting, config: Draft, ask: Ask, required = false): Promise<void> {
  const example = EXAMPLES[setting];
  const validate: Validate = (answer) =>
    answer === '' && !required ? undefined : faultOf({ [setting]: answer }, example);
  const answer = await ask.text({
    message: messageOf(setting, required),
    initial: config[setting] ?? '',
    example,
    validate,
  });
  config[setting] = answer === '' ? undefined : answer;
}

async function askList(setting: ListSetting, config: Draft, ask: Ask): Promise<void> {
  const example = EXAMPLES[setting];
  const validate: Validate = (answer) => faultOf({ [setting]: toList(answer) }, example);
  const initial = (config[setting] ?? []).join(',');
  const answer = toList(
    await ask.text({ message: `${messageOf(setting, false)}; with commas`, initial, example, validate }),
  );
  config[setting] = answer.length === 0 ? undefined : answer;
}

/** @param usual how it is where it is not set */
async function askSwitch(setting: SwitchSetting, config: Draft, ask: Ask, usual = false): Promise<void> {
  const before = config[setting];
  const answer = await ask.yes(`${schema.properties[setting].description}?`, before ?? usual);
  if (answer !== usual || before !== undefined) config[setting] = answer;
}

function messageOf(setting: TextSetting | ListSetting, required: boolean): string {
  return `${schema.properties[setting].description}${required ? '' : ' (may be left empty)'}`;
}

function toList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** One setting is checked by itself: what does not go together is found at the end. */
function faultOf(config: MemConfig, example: string): string | undefined {
  try {
    checkConfig(config);
    return undefined;
  } catch (error) {
    return `Expected something such as ${example}: ${reasonOf(error).replace(/^mem\.config\.json: /, '')}`;
  }
}

/** @returns what is wrong with an answer; undefined where nothing is */
export type Validate = (answer: string) => string | undefined;

interface Question {
  message: string;
  validate: Validate;
}

/** Questions to somebody at a terminal. Each throws Cancelled where the answer is Ctrl-C. */
export interface Ask {
  text: (question: Question & { initial: string; example: string }) => Promise<string>;
  /** What is typed does not show. */
  secret: (question: Question) => Promise<string>;
  choice: (message: string, options: { value: string; label: string }[], initial: string) => Promise<string>;
  yes: (message: string, initial: boolean) => Promise<boolean>;
}

export const askAtTerminal: Ask = {
  text: ({ message, validate, initial, example }) =>
    answered(({ text }) =>
      text({
        message,
        placeholder: example,
        initialValue: initial,
        defaultValue: '',
        validate: (answer) => validate(answer ?? ''),
      }),
    ),
  secret: ({ message, validate }) =>
    answered(({ password }) => password({ message, validate: (answer) => validate(answer ?? '') })),
  choice: (message, options, initialValue) => answered(({ select }) => select({ message, options, initialValue })),
  yes: (message, initialValue) => answered(({ confirm }) => confirm({ message, initialValue })),
};

/** Loaded when something is asked: most commands ask nothing. */
async function answered<T>(ask: (prompts: typeof Prompts) => Promise<T>): Promise<Exclude<T, symbol>> {
  const prompts = await import('@clack/prompts');
  const answer = await ask(prompts);
  if (prompts.isCancel(answer)) throw new Cancelled();
  return answer as Exclude<T, symbol>;
}
