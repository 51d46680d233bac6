// Floods a local system with strange names while a site counts on: npm run attack -- --events 100000
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runAttack } from './attack/run-attack.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    key: { type: 'string', default: 'local' },
    system: { type: 'string', default: '.mem/system.json' },
    events: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    patience: { type: 'string', default: '900' },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

const HELP = `npm run attack -- [options]

Floods a system that npm start has brought up with made-up names, while a site's own experiment
counts on; then says what became of both.

  --events N      how many events the flood has (100000)
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
