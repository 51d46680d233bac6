// A Redis server that ends with its parent: node redis.cjs PORT FOLDER PROGRAM [--SETTING VALUE …]
const { spawn } = require('node:child_process');
const { endWithParent, say } = require('./child.cjs');

const [port, folder, program, ...moreSettings] = process.argv.slice(2);
const settings = {
  port,
  bind: '127.0.0.1',
  dir: folder,
  appendonly: 'yes', // what was counted is still there after a stop
  save: '',
  'maxmemory-policy': 'noeviction',
  loglevel: 'warning',
};
const usual = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
const redis = spawn(program, [...usual, ...moreSettings], {
  stdio: ['ignore', 'pipe', 'inherit'],
  detached: true, // Ctrl-C would stop it before the consumer is done
});
redis.stdout.on('data', (text) => process.stdout.write(text));
redis.on('error', say);
redis.on('exit', (code) => process.exit(code ?? 1));
process.on('exit', () => redis.kill());
say('started');
endWithParent(() => redis.kill('SIGTERM'));
