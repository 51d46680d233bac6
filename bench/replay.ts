// Counts events, replays them under traffic, and compares: npm run bench:replay [EVENTS] [-- --limits]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCountEvents } from '../shared/counting/visitors/count-events.ts';
import { replay, type ReplayResult } from '../shared/counting/replay.ts';
import { EXPOSURE, type TrackedEvent } from '../shared/contract/event.ts';
import { nextEvent } from './events.ts';
import { countClaimUnits } from './replay/counted-stores.ts';
import { describeRebuilds, rebuild, writeLog } from './replay/by-source.ts';
import { startPipeline, type Pipeline } from './replay/pipeline.ts';

process.env.LOG_LEVEL ??= 'ERROR';
const limited = process.argv.includes('--limits');
const [given] = process.argv.slice(2).filter((argument) => argument !== '--limits');
const events = Number(given ?? 20_000);
if (!Number.isInteger(events) || events < 100 || events > 1_000_000) {
  console.error(`npm run bench:replay -- [EVENTS] [--limits]: expected 100 to 1000000, got ${given}`);
  process.exit(2);
}

const REQUEST = 25;
/** Of the events, that many are sent a second time. */
const COPIES = 0.2;
/** More at once, and the local DynamoDB, which is slower than AWS', lets requests wait for longer than they may. */
const MOST_WAITING = 4_000;
/** Traffic while the replay runs. */
const LIVE_PAUSE_MS = 20;

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'mem-replay-'));
  const pipeline = await startPipeline(resolve(), folder, limited);
  try {
    const sent: TrackedEvent[] = [];
    const live = await measure(pipeline, async () => {
      while (sent.length < events) {
        sent.push(...(await sendRequest(pipeline, sent)));
        while (sent.length - pipeline.handled() > MOST_WAITING) await sleep(20);
      }
      while (pipeline.handled() < sent.length) await sleep(50);
    });

    const written = await writeLog(pipeline);
    const rebuilds = {
      'rebuilt from the stream': await rebuild(pipeline.stores, true),
      'rebuilt from the event log': await rebuild(pipeline.stores, false),
    };

    const lagBefore = pipeline.takeLag();
    const traffic = { stopped: false, backwards: 0, during: [] as TrackedEvent[] };
    const running = Promise.all([keepSending(pipeline, traffic), watch(pipeline, traffic)]);
    let result: ReplayResult | undefined;
    const { stores, units } = countClaimUnits(pipeline.stores);
    const replayed = await measure(pipeline, async () => {
      const say = (line: string) => console.error(line);
      const options = { dryRun: false, acceptLoss: false };
      result = await replay(options, {
        ...stores,
        countEvents: createCountEvents(stores),
        onPage: () => undefined,
        say,
        sleep: (ms) => sleep(ms),
      });
    });
    traffic.stopped = true;
    const lagMeanwhile = pipeline.takeLag();
    await running;
    while (pipeline.handled() < sent.length + traffic.during.length) await sleep(50);

    const expected = distinctExposures([...sent, ...traffic.during]);
    const counted = await countParticipants(pipeline);
    console.log(`
  events                       ${sent.length}, ${traffic.during.length} more while the replay ran
  outcome                      ${result?.outcome}, ${result?.differences.length} counters differ
  exposures                    ${counted} counted, ${expected} expected
  served figures went back     ${traffic.backwards} times
  oldest record delivered      ${(lagBefore / 1_000).toFixed(1)} s after it came, ${(lagMeanwhile / 1_000).toFixed(1)} s while the replay ran
  refused at AWS' limits       ${limited ? JSON.stringify(pipeline.refusals()) : 'no limits: --limits'}
  DynamoDB write units/event   ${(live.writes / sent.length).toFixed(3)} first, ${(units.writes / sent.length).toFixed(3)} replayed
  DynamoDB read units/event    ${(live.reads / sent.length).toFixed(3)} first, ${(units.reads / sent.length).toFixed(3)} replayed
${describeRebuilds(sent.length, written, rebuilds)}
  CPU/event                    ${(live.cpuMicros / sent.length).toFixed(0)} µs first (with sending), ${(replayed.cpuMicros / sent.length).toFixed(0)} µs replayed (with the traffic)
`);
    const differ = Object.values(rebuilds).some(({ differences }) => differences > 0);
    const exact = !differ && result?.outcome === 'switched' && result.differences.length === 0 && counted === expected;
    process.exitCode = exact && traffic.backwards === 0 ? 0 : 1;
  } finally {
    await pipeline.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Events of one request, some of them copies of earlier ones. */
async function sendRequest(pipeline: Pipeline, sent: readonly TrackedEvent[]): Promise<TrackedEvent[]> {
  const request = Array.from({ length: REQUEST }, (_, index) => {
    const copy = index < COPIES * REQUEST ? sent[(sent.length * 7 + index) % Math.max(1, sent.length)] : undefined;
    return copy ?? nextEvent(index % 5 === 0);
  });
  await pipeline.put(request);
  return request;
}

interface Traffic {
  stopped: boolean;
  during: TrackedEvent[];
  /** How often a served figure was smaller than before. */
  backwards: number;
}

async function keepSending(pipeline: Pipeline, traffic: Traffic): Promise<void> {
  while (!traffic.stopped) {
    traffic.during.push(...(await sendRequest(pipeline, traffic.during)));
    await sleep(LIVE_PAUSE_MS);
  }
}

async function watch(pipeline: Pipeline, traffic: Traffic): Promise<void> {
  let before = 0;
  while (!traffic.stopped) {
    const now = await countParticipants(pipeline);
    if (now < before) traffic.backwards += 1;
    before = now;
    await sleep(LIVE_PAUSE_MS);
  }
}

/** The exposures that the served generation has counted. */
async function countParticipants({ stores: { counterReader } }: Pipeline): Promise<number> {
  const generation = await counterReader.generation();
  if (generation === undefined) return 0;
  const counts = (await counterReader.counts(generation, await counterReader.experiments(generation))).flat();
  return counts
    .filter(({ event, segment }) => event === EXPOSURE && segment === undefined)
    .reduce((sum, { count }) => sum + count, 0);
}

function distinctExposures(sent: readonly TrackedEvent[]): number {
  const exposures = sent.filter(({ event }) => event === EXPOSURE);
  return new Set(exposures.map(({ experiment, variant, uuid }) => JSON.stringify([experiment, variant, uuid]))).size;
}

async function measure({ units }: Pipeline, work: () => Promise<void>) {
  const before = { ...units };
  const cpu = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { writes: units.writes - before.writes, reads: units.reads - before.reads, cpuMicros: user + system };
}
