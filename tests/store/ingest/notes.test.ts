// What the ingest endpoint tells reports, beside the counters.
import { beforeAll, expect, test } from '@jest/globals';
import { anEvent } from '../../support/counting/events.ts';
import { callHandler } from '../../support/aws/gateway.ts';
import { useIngest } from '../../support/aws/use-ingest.ts';
import { codesOf, createReport, type ReportUnderTest } from '../../support/report/report.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { createNoticed } from '../../../functions/ingest/noticed.ts';
import { createUpdateState } from '../../../functions/ingest/event-tallies.ts';
import { createKinesisClient } from '../../../shared/stores/aws-clients.ts';

const ingest = useIngest();

let at = Date.now();
let report: ReportUnderTest;
beforeAll(async () => {
  report = await createReport(ingest.world, () => at);
});

const post = (events: readonly object[], userAgent = 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0') =>
  callHandler(ingest.handler, {
    method: 'POST',
    path: '/events',
    headers: { 'user-agent': userAgent },
    body: JSON.stringify(events),
  });

const exposures = (experiment: string) =>
  ['original', 'green'].flatMap((variant) =>
    [1, 2].map((i) =>
      anEvent({ experiment, variant, event: 'participate', uuid: `${variant} ${i}`, unit: `${variant} ${i}` }),
    ),
  );

test('reports compare with the control that clients tell, and say what was left out, until the experiment is deleted', async () => {
  const experiment = 'told';
  await post([
    ...exposures(experiment).map((event) => ({ ...event, control: 'original' })),
    { ...anEvent({ experiment, uuid: 'a' }), value: '12,50', segments: { utm: null, age: 7 } },
    { ...anEvent({ experiment, uuid: 'b', unit: 'undefined' }) },
    { ...anEvent({ experiment, uuid: 'c' }), url: 'https://shop.example/' },
    { experiment, variant: 'green' },
  ]);
  await report.count(exposures(experiment));

  await waitUntil('what was noticed', async () => (await report.experiment(experiment)).leftOut.length > 0);
  const answer = await report.experiment(experiment);
  expect(answer.baseline).toBe('original');
  expect(answer.leftOut).toEqual(
    expect.arrayContaining(
      ['value', 'segments', 'unusable_unit', 'other', 'invalid'].map((reason) => ({ reason, events: 1 })),
    ),
  );
  expect(codesOf(answer)).toContain('left_out');
  expect(codesOf(answer)).not.toContain('guessed_baseline');
  const list = await report.list();
  expect(codesOf(list.experiments.find(({ name }) => name === experiment) ?? { warnings: [] })).toContain('left_out');

  await report.request(`/v1/experiments/${experiment}`, { method: 'DELETE' });
  await report.define(experiment, {});
  expect((await report.experiment(experiment)).leftOut).toEqual([]);
});

test('without a word of a client the baseline is a guess, and the report and the list say so', async () => {
  await report.count(exposures('untold'));
  const answer = await report.experiment('untold');
  expect([answer.baseline, codesOf(answer)]).toEqual(['green', expect.arrayContaining(['guessed_baseline'])]);
  const list = await report.list();
  const codes = codesOf(list.experiments.find(({ name }) => name === 'untold') ?? { warnings: [] });
  expect(codes).toContain('guessed_baseline');
  await report.define('untold', { baseline: 'original' });
  expect(codesOf(await report.experiment('untold'))).not.toContain('guessed_baseline');
});

test('clients that disagree, weeks that pass, and floods of names', async () => {
  const { world } = ingest;
  const client = createKinesisClient(world.kinesisEndpoint);
  const update = createUpdateState(() => client, world.dynamodbEndpoint, world.stateTable);
  const WEEK_MS = 7 * 86_400_000;
  at = Date.now() + WEEK_MS;
  const works: (() => void)[] = [];
  const underWay: Promise<unknown>[] = [];
  let updates = 0;
  const noticed = createNoticed({
    now: () => at,
    later: (_, work) => works.push(work),
    update: (one) => {
      updates += 1;
      const told = update(one);
      underWay.push(told.catch(() => undefined));
      return told;
    },
  });
  async function tell(): Promise<void> {
    works.splice(0).forEach((work) => work());
    for (let settled = -1; settled !== underWay.length;) {
      settled = underWay.length;
      await Promise.all(underWay);
      await new Promise(setImmediate);
    }
  }
  const disputed = { namespace: 'alephbet', experiment: 'disputed' };
  for (const control of ['green', 'original', 'blue', 'red', 'original']) {
    at += 10_000;
    noticed.control(disputed, control);
    noticed.leftOut(disputed, 'value');
    await tell();
  }
  await report.count(exposures('disputed'));
  const first = await report.experiment('disputed');
  expect(first.leftOut).toEqual([{ reason: 'value', events: 5 }]);
  const [guess] = first.warnings.filter(({ code }) => code === 'guessed_baseline');
  expect(guess?.cause).toContain('"blue", "green" and "original"');

  at += WEEK_MS;
  noticed.leftOut(disputed, 'segments');
  await tell();
  expect((await report.experiment('disputed')).leftOut).toHaveLength(2);
  at += WEEK_MS;
  noticed.leftOut(disputed, 'segments');
  await tell();
  expect((await report.experiment('disputed')).leftOut).toEqual([{ reason: 'segments', events: 2 }]);

  updates = 0;
  for (let i = 0; i < 1_000; i += 1) noticed.leftOut({ namespace: 'alephbet', experiment: `made up ${i}` }, 'invalid');
  await tell();
  expect(updates).toBeLessThanOrEqual(40);
  client.destroy();
});
