/** What mem.config.json may hold; config-schema.json says what each setting means. */
export interface MemConfig {
  region?: string;
  stage?: string;
  trackPaths?: string[];
  allowedOrigins?: string[];
  countCrawlers?: boolean;
  countOnlyDefined?: boolean;
  recordVersion?: number;
  limits?: {
    namespaces?: number;
    experiments?: number;
    variants?: number;
    goals?: number;
    segments?: number;
    visitorGoals?: number;
  };
  redisUrl?: string;
  redisUrlParameter?: string;
  redisCluster?: boolean;
  redisPrefix?: string;
  redisMaxGb?: number;
  redisSnapshot?: string;
  throttling?: { requestsPerSecond: number; burst: number };
  configThrottling?: { requestsPerSecond: number; burst: number };
  eventLimits?: { perSecond?: number; perSecondByAddress?: number; perHourByUnit?: number };
  signedOnly?: Record<string, string[]>;
  signingSecretParameter?: string;
  reservedConcurrency?: { ingest?: number; report?: number };
  retentionHours?: number;
  claimWindowDays?: number;
  claimsCapacity?: { least: number; most: number };
  batchWindowSeconds?: number;
  eventLog?: boolean;
  alarmEmail?: string;
}

interface SettingSchema {
  type: 'string' | 'boolean' | 'integer' | 'array' | 'object';
  description: string;
}

export const FILE_NAME: string;
export const schema: { properties: Record<keyof MemConfig, SettingSchema> };
export function variableOf(setting: string): string;
export function readConfig(folder: string, environment?: Record<string, string | undefined>): MemConfig;
export function readFile(folder: string): Record<string, unknown>;
export function readEnvironment(environment: Record<string, string | undefined>): Record<string, unknown>;
export function checkConfig(config: unknown): asserts config is MemConfig;
