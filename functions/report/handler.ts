import { setTimeout as sleep } from 'node:timers/promises';
import type { APIGatewayProxyEventV2, APIGatewayProxyHandlerV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import { answerInTime } from '../../shared/runtime/answer-in-time.ts';
import { createApiKeys } from '../../shared/stores/dynamodb/api-keys.ts';
import { createDynamoDBClient } from '../../shared/stores/aws-clients.ts';
import { createCheckpoints } from '../../shared/stores/dynamodb/checkpoints.ts';
import { readOriginConfig, readReportConfig } from '../../shared/runtime/config.ts';
import { compress } from '../../shared/runtime/compress.ts';
import { createCors } from '../../shared/runtime/cors.ts';
import { createCounterReader } from '../../shared/stores/redis/counter-reader.ts';
import { createIngestNotes } from '../../shared/stores/dynamodb/ingest-notes/ingest-notes.ts';
import { createDefinitions } from '../../shared/stores/dynamodb/definitions.ts';
import { createDeletions } from '../../shared/stores/dynamodb/deletions.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { createImports } from '../../shared/stores/dynamodb/imports.ts';
import { readInstallation } from '../../shared/stores/dynamodb/installation.ts';
import { createLosses } from '../../shared/stores/dynamodb/losses.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createNameLists } from '../../shared/stores/dynamodb/name-lists.ts';
import { openRedis } from '../../shared/stores/redis/client.ts';
import { createRedisClock } from '../../shared/stores/redis/clock.ts';
import { counterReaderOf, createOwner, talliesOf } from '../../shared/stores/redis/owner.ts';
import { createTallyReader } from '../../shared/stores/redis/tally-reader.ts';
import page from '../../dashboard/page.html';
import { toRequest, toResult } from '../../shared/runtime/fetch-adapter.ts';
import { createPage } from './page.ts';
import { createRoutes, type ReportDeps } from './routes.ts';

const logger = createLogger('report');
const cors = createCors(readOriginConfig(process.env).allowedOrigins);
const servePage = createPage(page);
let routes: Promise<Hono> | undefined;

export const handler: APIGatewayProxyHandlerV2 = async (event, context) => {
  const { origin, 'access-control-request-headers': requested } = event.headers;
  const { method } = event.requestContext.http;
  if (method === 'OPTIONS') return cors.preflightFor(origin, requested);
  const pageFile = servePage({ method, path: event.rawPath, acceptEncoding: event.headers['accept-encoding'] });
  if (pageFile) return pageFile;
  return answerInTime(answerPacked(event), context.getRemainingTimeInMillis() - 500, unavailable(event));
};

async function answerPacked(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  return compress(await answer(event), event.headers['accept-encoding']);
}

async function answer(event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> {
  try {
    routes ??= start();
    const { fetch } = await routes.catch(forgetFailedStart);
    return await toResult(await fetch(toRequest(event)));
  } catch (error) {
    logger.error('the report cannot answer', { reason: messageOf(error) });
    return unavailable(event);
  }
}

/** The next request tries to start again. */
function forgetFailedStart(error: unknown): never {
  routes = undefined;
  throw error;
}

function unavailable({ headers }: APIGatewayProxyEventV2): APIGatewayProxyStructuredResultV2 {
  return {
    statusCode: 503,
    headers: { ...cors.headersFor(headers.origin), 'content-type': 'application/problem+json', 'retry-after': '2' },
    body: JSON.stringify({
      type: 'about:blank',
      title: 'unavailable',
      status: 503,
      detail: 'no answer in time; try again',
    }),
  };
}

async function start(): Promise<Hono> {
  const config = readReportConfig(process.env);
  const dynamodb = createDynamoDBClient(config.dynamodbEndpoint);
  const checkpoints = createCheckpoints(dynamodb, config.stateTable);
  const installation = await readInstallation(dynamodb, config.stateTable, config);
  const redis = await openRedis(config, (error) => logger.warn('redis', { reason: error.message }));
  const owner = createOwner(redis, installation, '', checkpoints);
  const deps: ReportDeps = {
    apiKeys: createApiKeys(dynamodb, config.stateTable, Date.now),
    counters: counterReaderOf(owner, createCounterReader(redis, installation.prefix)),
    tallies: talliesOf(owner, createTallyReader(redis, installation.prefix)),
    checkpoints,
    definitions: createDefinitions(dynamodb, config.stateTable, Date.now),
    deletions: createDeletions(dynamodb, config.stateTable, {
      now: createRedisClock(redis, Date.now),
      sleep: (ms) => sleep(ms),
    }),
    imports: createImports(dynamodb, config.stateTable),
    losses: createLosses(dynamodb, config.stateTable),
    ingestNotes: createIngestNotes(dynamodb, config.stateTable, Date.now),
    nameLists: createNameLists(dynamodb, config.stateTable),
    now: Date.now,
    onError: (error) => logger.error('a report failed', { reason: messageOf(error) }),
  };
  return createRoutes(deps, cors);
}
