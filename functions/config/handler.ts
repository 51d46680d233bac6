import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { compress } from '../../shared/runtime/compress.ts';
import { readConfigConfig } from '../../shared/runtime/config.ts';
import { createCors } from '../../shared/runtime/cors.ts';
import { messageOf } from '../../shared/runtime/errors.ts';
import { createLogger } from '../../shared/runtime/logger.ts';
import { createDynamoDBClient } from '../../shared/stores/aws-clients.ts';
import { createDefinitions } from '../../shared/stores/dynamodb/definitions.ts';
import { createDeletionMarks } from '../../shared/stores/dynamodb/deletions.ts';
import { createConfigRoute } from './config.ts';

const config = readConfigConfig(process.env);
const logger = createLogger('config');
const dynamodb = createDynamoDBClient(config.dynamodbEndpoint);

const answer = createConfigRoute({
  definitions: createDefinitions(dynamodb, config.stateTable, Date.now),
  deletions: createDeletionMarks(dynamodb, config.stateTable),
  cors: createCors(config.allowedOrigins),
  now: Date.now,
  onError: (error) => logger.error('the config cannot be answered', { reason: messageOf(error) }),
});

export const handler: APIGatewayProxyHandlerV2 = async (event) =>
  compress(await answer(event), event.headers['accept-encoding']);
