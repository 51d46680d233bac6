import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { routesOf } from '../../local/gateway/routes.ts';
import { readService, type Service } from '../../local/service.ts';
import { packageTemplate, type Template } from '../support/deploy/packaged.ts';
import { ofType, resourceOf, routesOf as packagedRoutesOf } from '../support/deploy/template.ts';

describe('what npm start runs is what is deployed', () => {
  let template: Template;
  let service: Service;
  beforeAll(async () => {
    template = await packageTemplate();
    service = readService(resolve());
  });

  test('routes', () => {
    const routes = routesOf(service).map(({ method, path }) => `${method} ${path}`);
    expect(routes.sort()).toEqual(packagedRoutesOf(template));
  });

  test('handlers, time-outs and environments', () => {
    const deployed = Object.keys(service.functions).map((name) => {
      const id = `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`;
      const { Handler, Timeout, Environment } = resourceOf(template, id).Properties;
      const { STAGE: _, ...environment } = (Environment as { Variables: Record<string, unknown> }).Variables;
      return { name, handler: Handler, timeout: Timeout, environment };
    });
    const local = Object.entries(service.functions).map(([name, { handler, timeout, environment }]) => {
      return { name, handler, timeout, environment };
    });
    expect(local).toEqual(deployed);
  });

  test('how the stream is delivered, and what runs on a schedule', () => {
    const events = Object.values(service.functions).flatMap((definition) => definition.events ?? []);
    const [mapping] = Object.values(ofType(template, 'AWS::Lambda::EventSourceMapping'));
    const { BatchSize, MaximumBatchingWindowInSeconds } = mapping?.Properties ?? {};
    expect(events.flatMap(({ stream = [] }) => stream)).toEqual([
      expect.objectContaining({ batchSize: BatchSize, batchWindow: MaximumBatchingWindowInSeconds }),
    ]);
    const rules = Object.values(ofType(template, 'AWS::Events::Rule'));
    expect(events.flatMap(({ schedule = [] }) => schedule)).toEqual(
      rules.map(({ Properties }) => Properties.ScheduleExpression),
    );
  });

  test.each(['AWS::Kinesis::Stream', 'AWS::DynamoDB::Table'])('%s', (type) => {
    const local = Object.entries(service.resources.Resources).filter(([, { Type }]) => Type === type);
    expect(Object.fromEntries(local)).toEqual(ofType(template, type));
  });
});
