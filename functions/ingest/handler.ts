import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEventV2, APIGatewayProxyHandlerV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { answerInTime } from '../../shared/runtime/answer-in-time.ts';
import { createKinesisClient } from '../../shared/stores/aws-clients.ts';
import { readIngestConfig, readStage } from '../../shared/runtime/config.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createMeter } from '../../shared/runtime/metrics.ts';
import { createCors } from '../../shared/runtime/cors.ts';
import { createEventLimiter } from './event-limiter.ts';
import { createEventTallies, createUpdateState } from './event-tallies.ts';
import { ingest, refuseOrigin, unavailable, type IngestAnswer, type IngestOutcome } from './ingest.ts';
import { createPutRecords } from '../../shared/stores/kinesis/put.ts';
import { startOnce } from '../../shared/runtime/start-once.ts';
import { createNoticed } from './noticed.ts';
import { createRefuseUnsigned } from './signed-exposures.ts';
import { readSigningSecrets } from './signing-secrets.ts';
import type { IngestRequest } from './parse-request.ts';

const config = readIngestConfig(process.env);
const cors = createCors(config.allowedOrigins);
const logger = createLogger('ingest');
const meter = createMeter('ingest', readStage(process.env), 1_000);
const updateState = createUpdateState(
  () => createKinesisClient(config.kinesisEndpoint, { maxAttempts: 1 }),
  config.dynamodbEndpoint,
  config.stateTable,
);
const signed = startOnce(async () =>
  createRefuseUnsigned({ ...config, secrets: await readSigningSecrets(config), now: Date.now }),
);
const deps = {
  // Retries are ours, so that there is one time budget: the client itself makes none.
  putRecords: createPutRecords(createKinesisClient(config.kinesisEndpoint, { maxAttempts: 1 }), config.streamName),
  now: Date.now,
  random: Math.random,
  sleep: (ms: number) => sleep(ms),
  randomKey: randomUUID,
  limiter: createEventLimiter(config.eventLimits, createEventTallies(updateState), Date.now),
  // Lambda freezes the process between requests: then it is told beside the next one.
  noticed: createNoticed({ update: updateState, now: Date.now, later: (ms, work) => setTimeout(work, ms).unref() }),
  countCrawlers: config.countCrawlers,
  recordVersion: config.recordVersion,
  ...(Object.keys(config.signedOnly).length > 0 && { signed }),
  observe: ({ accepted, rejected, ofCrawlers = 0, leftOut = 0, throttled, failure }: IngestOutcome) => {
    if (accepted > 0) meter.count('AcceptedEvents', accepted);
    if (rejected > 0) meter.count('RejectedEvents', rejected);
    if (ofCrawlers > 0) meter.count('CrawlerEvents', ofCrawlers);
    if (leftOut > 0) meter.count('LeftOutParts', leftOut);
    if (throttled) meter.count('ThrottledRequests', 1);
    if (failure !== undefined) {
      meter.count('StreamUnavailable', 1);
      logger.error('events were not taken', { reason: failure });
    }
  },
};

export const handler: APIGatewayProxyHandlerV2 = async (event, context) => {
  const { origin } = event.headers;
  if (event.requestContext.http.method === 'OPTIONS') {
    return cors.preflightFor(origin, event.headers['access-control-request-headers']);
  }
  if (origin !== undefined && !cors.allows(origin)) return toResult(refuseOrigin(origin, deps), origin);

  // A gateway turns a time-out into an answer of its own: ours has to come before it.
  const timeLeft = Math.min(config.putBudgetMs, context.getRemainingTimeInMillis() - 500);
  const answer = await answerInTime(ingest(toRequest(event), deps, Date.now() + timeLeft), timeLeft + 250, unavailable);
  meter.flush(answer.status === 503);
  return toResult(answer, origin);
};

function toRequest(event: APIGatewayProxyEventV2): IngestRequest {
  return {
    method: event.requestContext.http.method,
    rawQuery: event.rawQueryString,
    headers: event.headers,
    address: event.requestContext.http.sourceIp,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
  };
}

function toResult(
  { status, body, retryAfterSeconds }: IngestAnswer,
  origin: string | undefined,
): APIGatewayProxyStructuredResultV2 {
  const retryAfter = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
  return {
    statusCode: status,
    headers: { ...cors.headersFor(origin), 'content-type': 'application/json', ...retryAfter },
    body: JSON.stringify(body),
  };
}
