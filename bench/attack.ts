// Floods a local system with strange names while a site counts on: npm run attack -- --events 100000
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fillExperiment } from './attack/fill-experiment.ts';
import { runAttack } from './attack/run-attack.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    key: { type: 'string', default: 'local' },
    system: { type: 'string', default: '.mem/system.json' },
    events: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    fill: { type: 'boolean', default: false },
    patience: { type: 'string', default: '900' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const HELP = `npm run attack -- [options]

Floods a system that npm start has brought up with made-up names, while a site's own experiment
counts on; then says what became of both.

  --events N      how many events the flood has (100000)
  --fill          instead of a flood: one experiment at all default limits, and what reading it takes
  --url URL       where it is sent (http://127.0.0.1:3000)
  --key KEY       an API key, to read what was counted (local)
  --system FILE   the settings that npm start has written (.mem/system.json)
  --seed N        the same seed makes the same flood (random)
  --patience S    how long to wait until the site's events are counted (900)
  --help          this`;

if (values.help) console.log(HELP);
else {
  main().catch((error: unknown) => {
    console.error(
      `The attack cannot be run on a system that npm start has brought up: ${error instanceof Error ? error.message : String(error)}`,
    );
    process.exitCode = 1;
  });
}

async function main(): Promise<void> {
  const { REDIS_URL = '' } = JSON.parse(readFileSync(values.system, 'utf8')) as Record<string, string>;
  if (values.fill) return fill(REDIS_URL);
  const { answers, sent, counted, settled, seconds, redis } = await runAttack({
    url: values.url,
    apiKey: values.key,
    redisUrl: REDIS_URL,
    events: Number(values.events),
    seed: Number(values.seed),
    patienceSeconds: Number(values.patience),
  });
  const site = Object.entries(sent).map(([variant, visitors]) => {
    const { participants = 0, goals = 0 } = counted[variant] ?? {};
    return `${variant} ${participants} and ${goals} goals of ${visitors}`;
  });
  console.log(`
  attack        ${values.events} events in ${seconds.toFixed(1)} s, answers ${JSON.stringify(answers)}
  the site      ${site.join(', ')}${settled ? '' : ': NOT counted within the time given'}
  Redis         ${redis.keys} keys, ${redis.experiments} experiments, at most ${redis.mostCounters} counters in one, ${(redis.usedBytes / 2 ** 20).toFixed(1)} MB
`);
}

async function fill(redisUrl: string): Promise<void> {
  const options = { url: values.url, apiKey: values.key, redisUrl, patienceSeconds: Number(values.patience) };
  const { events, seconds, counters, list, experiment, segment, listsAtOnce, unanswered, slowest } =
    await fillExperiment(options);
  console.log(`
  filled        ${events} events in ${seconds.toFixed(1)} s, ${counters} counters in the largest hash
  answers       list ${list.toFixed(0)} ms, experiment ${experiment.toFixed(0)} ms, one segment of it ${segment.toFixed(0)} ms, four lists at once ${listsAtOnce.toFixed(0)} ms, ${unanswered} unanswered
  Redis         the longest command took ${slowest.ms.toFixed(1)} ms: ${slowest.command}
`);
}
