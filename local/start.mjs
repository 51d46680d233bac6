// `npm start`: the whole system on this machine. What it can be told is read before anything else is loaded.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SOURCES, buildOnce } from './build.mjs';

const HELP = `npm start -- [options]     Mem on this machine, on a real redis-server and servers that stand for AWS

  --port PORT    where it listens on 127.0.0.1 (3000, or MEM_PORT)
  --data FOLDER  where it keeps what it has counted (.mem, or MEM_DATA)
  --fresh        forget everything that was counted, and begin empty
  --no-event-log keep no files of counted events (or MEM_EVENT_LOG=false)
  --watch        start again when a source file changes
  --help         this text

Settings come from mem.config.json and the environment: see docs/commands.md.
`;

const root = fileURLToPath(new URL('..', import.meta.url));
const options = readOptions();
if (options.help) process.stdout.write(HELP);
else if (options.watch) await startAgainAtChanges();
else await start();

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        port: { type: 'string' },
        data: { type: 'string' },
        fresh: { type: 'boolean' },
        'no-event-log': { type: 'boolean' },
        watch: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    process.stderr.write(`Mem cannot start: ${error.message}\n\n${HELP}`);
    process.exit(2);
  }
}

async function start() {
  // It would be printed at every start on Node 20, where everything works.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  process.setSourceMapsEnabled(true);
  if (options['no-event-log']) process.env.MEM_EVENT_LOG = 'false';
  const folder = buildOnce(root);
  await createRequire(import.meta.url)(join(folder, 'local/system.cjs')).run({ root, programs: folder, ...options });
}

/** Each time in a process of its own, so that nothing of the old sources stays. */
async function startAgainAtChanges() {
  let ending = false;
  let child;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => (ending = true));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal)); // Ctrl-C reaches it itself
  const changed = createBell();
  for (const folder of SOURCES) watch(join(root, folder), { recursive: true }, changed.ring);
  let args = process.argv.slice(2).filter((arg) => arg !== '--watch');
  while (!ending) {
    child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], { stdio: 'inherit' });
    const ended = once(child, 'exit');
    await Promise.race([ended, changed.next()]);
    if (child.exitCode !== null && !ending) await changed.next(); // it cannot start as it is
    child.kill('SIGTERM');
    await ended;
    args = args.filter((arg) => arg !== '--fresh'); // once
  }
  process.exit();
}

/** Rings once for all changes of a moment. */
function createBell() {
  const QUIET_MS = 200;
  let timer;
  let listeners = [];
  return {
    ring() {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const heard = listeners;
        listeners = [];
        for (const listener of heard) listener();
      }, QUIET_MS);
    },
    next: () => new Promise((resolve) => listeners.push(resolve)),
  };
}
