/** Prices of AWS for one unit of each kind, US dollars. */
export interface Prices {
  region: string;
  /** When they were looked up. */
  date: string;
  httpApiPerMillion: number;
  lambdaPerMillion: number;
  /** arm64, first tier */
  lambdaPerGbSecond: number;
  streamPerHour: number;
  streamInPerGb: number;
  streamOutPerGb: number;
  /** Kept beyond 24 hours. */
  streamKeptPerGbMonth: number;
  tableWritesPerMillion: number;
  tableReadsPerMillion: number;
  /** Provisioned: ready to write, or read, once a second. */
  tableWriteUnitPerHour: number;
  tableReadUnitPerHour: number;
  tablePerGbMonth: number;
  logsPerGb: number;
  metricPerMonth: number;
  alarmPerMonth: number;
  objectsPerGbMonth: number;
  /** To write or to list. */
  objectWritesPerMillion: number;
  redisPerGbHour: number;
  redisPerMillionUnits: number;
  transferPerGb: number;
}

/**
 * On demand, without free tiers, discounts of volume, or savings plans. What the price pages of AWS have the last word on: API Gateway (HTTP
 * API, first 300 million), Lambda, Kinesis Data Streams (on-demand standard), DynamoDB (on-demand capacity), CloudWatch,
 * ElastiCache (Serverless, Valkey), S3 (standard), EC2 (data transfer out to the internet).
 */
export const PRICES: readonly Prices[] = [
  {
    region: 'us-east-1',
    date: '2026-11-21',
    httpApiPerMillion: 1,
    lambdaPerMillion: 0.2,
    lambdaPerGbSecond: 0.000_013_333_4,
    streamPerHour: 0.04,
    streamInPerGb: 0.08,
    streamOutPerGb: 0.04,
    streamKeptPerGbMonth: 0.1,
    tableWritesPerMillion: 0.625,
    tableReadsPerMillion: 0.125,
    tableWriteUnitPerHour: 0.000_65,
    tableReadUnitPerHour: 0.000_13,
    tablePerGbMonth: 0.25,
    logsPerGb: 0.5,
    metricPerMonth: 0.3,
    alarmPerMonth: 0.1,
    objectsPerGbMonth: 0.023,
    objectWritesPerMillion: 5,
    redisPerGbHour: 0.084,
    redisPerMillionUnits: 0.0023,
    transferPerGb: 0.09,
  },
];

/** What others take for an event, for comparison: a REST API and Python on x86, as Gimel and Lamed deploy themselves. */
export const OTHERS = { restApiPerMillion: 3.5, lambdaPerGbSecond: 0.000_016_666_7, memoryGb: 0.125, milliseconds: 20 };
