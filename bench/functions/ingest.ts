import { httpEvent, context } from './lambda-events.ts';
import { nextEvent } from '../events.ts';
import { cpuPerCall } from './measure.ts';
import type { BenchServers } from '../servers.ts';
import type { Row } from './table.ts';

const BATCH = 25;

/** CPU of the whole handler: parsing, checking, encoding, and the SDK's call. */
export async function benchIngest({ awsEndpoint }: BenchServers): Promise<Row[]> {
  Object.assign(process.env, { STREAM_NAME: 'bench', KINESIS_ENDPOINT: awsEndpoint });
  const { handler } = await import('../../functions/ingest/handler.ts');

  const call = async (event: ReturnType<typeof httpEvent>) => {
    const answer = await handler(event, context, () => undefined);
    if (typeof answer !== 'object' || answer.statusCode !== 200) {
      throw new Error(`ingest answered ${JSON.stringify(answer)}`);
    }
  };
  const get = () => {
    const { experiment, variant, event, uuid } = nextEvent(false);
    const query = new URLSearchParams({ experiment, variant, event, uuid, namespace: 'alephbet' }).toString();
    return httpEvent({ path: '/track', query });
  };
  const post = (count: number, unit: boolean) => () => {
    const body = JSON.stringify(Array.from({ length: count }, () => nextEvent(unit)));
    const headers = { 'content-type': 'application/json' };
    return httpEvent({ method: 'POST', path: '/events', headers, body });
  };

  const query = await cpuPerCall({ calls: 1_500, prepare: get, call });
  const single = await cpuPerCall({ calls: 1_500, prepare: post(1, true), call });
  const batch = await cpuPerCall({ calls: 600, prepare: post(BATCH, false), call });
  const units = await cpuPerCall({ calls: 300, prepare: post(BATCH, true), call });
  return [
    { what: 'ingest, GET of one event: CPU a request', value: query, unit: 'µs', target: 300 },
    { what: 'ingest, POST of one event with unit: CPU a request', value: single, unit: 'µs', target: 300 },
    { what: `ingest, batch of ${BATCH}: CPU an event`, value: batch / BATCH, unit: 'µs', target: 35 },
    {
      what: `ingest, batch of ${BATCH}, each of another unit: CPU an event`,
      value: units / BATCH,
      unit: 'µs',
      target: 35,
    },
  ];
}
