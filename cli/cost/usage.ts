/*
 * What an event makes the deployed functions ask for and write. tests/store/cli/cost.test.ts counts all of it on real
 * servers, and compares the sizes with serverless.yml: whoever changes the code finds out what it costs.
 */

/** Of one request to the ingest endpoint. */
export const REQUEST = {
  invocations: 1,
  putRecords: 1,
  /** Of one visitor, or without units. */
  records: 1,
  /** Status line, headers and body of the answer, those of the gateway too. */
  answerBytes: 500,
  /** `{"v":1,"at":…,"events":[]}` */
  envelopeBytes: 40,
} as const;

/** Of one event. */
export const EVENT = {
  /** JSON with unit, value and a segment. */
  bytes: 218,
  /** A conditional write each; one that fails, of a duplicate, costs the same. */
  claimWrites: 1,
  /** Attributes of a claim and DynamoDB's own 100 bytes. */
  claimBytes: 285,
} as const;

/** Of one batch that the consumer counts. */
export const BATCH = {
  invocations: 1,
  /** The shard's checkpoint, and the deletion mark of each experiment. */
  tableReads: (experiments: number) => 1 + experiments,
  /** The checkpoint. */
  tableWrites: 1,
  /** Pointer, watermarks, visitors' records, apply. */
  redisCommands: 4,
  /**
   * Commands inside the scripts, for experiments of two variants with an exposure and two goals, and for visitors whose
   * records are read, compared and written.
   */
  redisScriptCommands: (experiments: number, visitors: number) => 12 + 26 * experiments + 6 * visitors,
  logLines: 1,
  logBytes: 400,
} as const;

/** Of one request for the config that no cache has answered, for a hundred experiments. */
export const CONFIG_REQUEST = {
  milliseconds: 5,
  megabytes: 256,
  answerBytes: 3_000,
  /** Definitions and deletions, of 100 KB, read once in so many seconds in each environment. */
  tableReads: 25,
  everySeconds: 2,
} as const;

/** Of the event log, which reads all events once more. */
export const LOG = {
  /** Strongly consistent, one for each event and each duplicate. */
  claimReads: 1,
  /** Of a row, packed, with a unit, at most: tests/unit/stores/log/event-file.test.ts. */
  rowBytes: 45,
  /** Of one run for each shard: the file, and the lists of files before it. */
  putsAndLists: 3,
} as const;

/** One line of metrics of ingest: not more often than once a second in each environment. */
export const INGEST_LINE = { bytes: 330, everySeconds: 1 } as const;

/** A visitor whom Redis remembers for the metrics per visitor, in each experiment. */
export const VISITOR_BYTES = 62;

/** As serverless.yml and deploy/ have them. */
export const SETTINGS = {
  ingestMb: 512,
  consumerMb: 1769,
  healMb: 512,
  healEveryMinutes: 5,
  logMb: 1769,
  logEveryHours: 1,
  batchSize: 1000,
  batchWindowSeconds: 5,
  retentionDays: 7,
  claimDays: 38,
  metrics: 23,
  /** At most; one that looks at three metrics is paid for three times. */
  alarms: 25,
  /** Where claims are provisioned: always ready. */
  claimReadUnits: 5,
} as const;

/** What nobody can count beforehand. Every one is an option of `mem cost`, or named in docs/cost.md. */
export const ASSUMED = {
  /** Each duplicate, which browsers send again, costs what an event costs. */
  duplicates: 0.05,
  /** Kinesis' answer is most of it: 0.3 ms are our CPU. */
  ingestMs: 15,
  /** More for each further event of a request. */
  ingestMsPerEvent: 0.03,
  /** Five trips to DynamoDB and Redis, one after the other. */
  batchMs: 35,
  /** CPU, claims included: `npm run bench consumer`. */
  batchMsPerEvent: 0.06,
  /** An on-demand stream begins with four, and each takes 1,000 records a second. */
  shards: 4,
  /** Functions' environments that are awake all the time, and write their line each second. */
  environments: 5,
  experimentsPerBatch: 4,
  healMs: 200,
  /** Of a run of the archiver that finds little. */
  logRunMs: 1_000,
  /** An estimate: reading a record again, and its claim. */
  logMsPerEvent: 0.05,
  /** So many months of files are kept. */
  logMonths: 12,
  /** Of provisioned capacity, over the month: what scaling aims at. Less where traffic jumps. */
  capacityUse: 0.7,
  /** Four alarms that scaling makes for the writes of a table, and four for its reads. */
  scalingAlarms: 8,
} as const;
