// Sends a load to a running local system and checks every counter: npm run load -- --help
import { parseArgs } from 'node:util';
import { runLoad, type LoadResult } from './load/run-load.ts';

const HELP = `npm run load -- [options]     (against a system that npm start has brought up)

  --url URL           the system, on this machine alone (http://127.0.0.1:3000)
  --key KEY           its API key (local)
  --events N          how many events are sent, 1 to 1000000 (50000)
  --connections N     over how many connections, 1 to 200 (20)
  --seed N            repeats a load; the same one again counts nothing twice (drawn at random)
  --patience SECONDS  how long counting may take after the last answer (900)
`;
const SHOWN = 20;

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:3000' },
    key: { type: 'string', default: 'local' },
    events: { type: 'string', default: '50000' },
    connections: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e6)) },
    patience: { type: 'string', default: '900' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  main().then(
    (good) => (process.exitCode = good ? 0 : 1),
    (error: unknown) => {
      console.error(`The load cannot be run: ${error instanceof Error ? error.message : String(error)}`);
      process.exitCode = 1;
    },
  );
}

async function main(): Promise<boolean> {
  const result = await runLoad({
    url: loopback(values.url),
    apiKey: values.key,
    events: wholeNumber('--events', values.events, 1_000_000),
    seed: wholeNumber('--seed', values.seed, 2 ** 32 - 1),
    connections: wholeNumber('--connections', values.connections, 200),
    patienceSeconds: wholeNumber('--patience', values.patience, 86_400),
    say: (line) => console.log(`… ${line}`),
  });
  console.log(summary(result));
  return result.settled && result.wrongAnswers.length === 0 && result.differences.length === 0;
}

function summary(result: LoadResult): string {
  const { plan, sendSeconds, countSeconds, resent, counters, wrongAnswers, differences, settled } = result;
  const rate = Math.round(plan.events / sendSeconds);
  return [
    '',
    `  events        ${plan.events}, of which ${plan.repeats} copies of earlier ones and ${plan.bad} bad ones`,
    `  requests      ${plan.requests.length} in ${sendSeconds.toFixed(1)} s (${rate} events/s), ${resent} sent again`,
    `  counted       ${settled ? `${countSeconds.toFixed(1)} s after the last answer` : 'NOT within the time given; mem quarantine --reasons says whether names had no place'}`,
    `  counters      ${counters} compared, ${differences.length} differ`,
    `  answers       ${wrongAnswers.length} are not what they have to be`,
    ...shorten(differences),
    ...shorten(wrongAnswers),
    '',
    settled && differences.length + wrongAnswers.length === 0 ? '  Every counter is exact.' : '  SOMETHING IS WRONG.',
    '',
  ].join('\n');
}

function shorten(lines: readonly string[]): string[] {
  const shown = lines.slice(0, SHOWN).map((line) => `    ${line}`);
  return lines.length > SHOWN ? [...shown, `    … and ${lines.length - SHOWN} more`] : shown;
}

function loopback(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)) {
    throw new Error(`--url: expected http://127.0.0.1:PORT, got ${text}`);
  }
  return url.origin;
}

function wholeNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && number <= most) return number;
  throw new Error(`${option}: expected a whole number from 1 to ${most}, got ${text}`);
}
