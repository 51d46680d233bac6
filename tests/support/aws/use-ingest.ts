import { afterAll, beforeAll } from '@jest/globals';
import type { APIGatewayProxyHandlerV2 } from 'aws-lambda';
import { createWorld, type World } from '../counting/world.ts';
import { environmentOf, loadIngest } from './load-handler.ts';

/** The ingest function on stores of this file's own, from before its tests until after them. */
export interface IngestUnderTest {
  readonly world: World;
  readonly handler: APIGatewayProxyHandlerV2;
}

export function useIngest(): IngestUnderTest {
  let world: World;
  let handler: APIGatewayProxyHandlerV2;
  beforeAll(async () => {
    world = await createWorld();
    handler = await loadIngest(environmentOf(world));
  });
  afterAll(() => world.close());

  return {
    get world() {
      return world;
    },
    get handler() {
      return handler;
    },
  };
}
