import { QueryCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { createKinesisClient } from '../../../shared/stores/aws-clients.ts';
import { createEventTallies, createUpdateState } from '../../../functions/ingest/event-tallies.ts';
import { anEvent } from '../../support/counting/events.ts';
import { callHandler } from '../../support/aws/gateway.ts';
import { environmentOf, loadIngest } from '../../support/aws/load-handler.ts';
import { createWorld, type World } from '../../support/counting/world.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const send = (handler: Parameters<typeof callHandler>[0], events: number) =>
  callHandler(handler, {
    method: 'POST',
    path: '/events',
    headers: { origin: 'https://shop.example' },
    body: JSON.stringify(Array.from({ length: events }, () => anEvent())),
  });

describe('a limit of events', () => {
  test('is shared by instances, and answered 429 with a time to wait, readable for pages', async () => {
    const clock = jest.spyOn(Date, 'now').mockReturnValue(Math.floor(Date.now() / 10_000) * 10_000 + 4_000);
    try {
      const environment = { ...environmentOf(world), EVENT_LIMITS: '{"perSecond":10}' };
      const [first, second] = [await loadIngest(environment), await loadIngest(environment)];
      process.env.EVENT_LIMITS = '';
      expect((await send(first, 60)).status).toBe(200);
      expect((await send(second, 60)).status).toBe(200);
      const { status, headers, body } = await send(second, 1);
      expect([status, body]).toEqual([
        429,
        {
          accepted: 0,
          error: {
            code: 'throttled',
            message: 'expected fewer events in ten seconds (eventLimits); send them again in 6 s',
          },
        },
      ]);
      expect(headers).toMatchObject({ 'retry-after': '6', 'access-control-allow-origin': '*' });
    } finally {
      clock.mockRestore();
    }
  });

  test('keeps its tallies for an hour, under a key of their own', async () => {
    const client = createKinesisClient(world.kinesisEndpoint);
    const add = createEventTallies(createUpdateState(() => client, world.dynamodbEndpoint, world.stateTable));
    expect(await Promise.all([add('all', 5, 20_000), add('all', 7, 20_000)])).toContain(12);
    client.destroy();
    const { Items } = await world.dynamodb.send(
      new QueryCommand({
        TableName: world.stateTable,
        KeyConditionExpression: 'pk = :pk AND sk = :sk',
        ExpressionAttributeValues: { ':pk': { S: 'throttle' }, ':sk': { S: '20000 all' } },
      }),
    );
    expect(Items).toEqual([
      { pk: { S: 'throttle' }, sk: { S: '20000 all' }, events: { N: '12' }, expiresAt: { N: '3620' } },
    ]);
  });
});
