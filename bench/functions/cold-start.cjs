// Loads a function's bundle and answers one event, as a new Lambda environment does: node cold-start.cjs BUNDLE EVENT.json
const { readFileSync } = require('node:fs');

const [bundle, event] = process.argv.slice(2);
const context = { getRemainingTimeInMillis: () => 30_000 };
require(bundle)
  .handler(JSON.parse(readFileSync(event, 'utf8')), context, () => {})
  .then((answer) => {
    process.stdout.write(JSON.stringify(answer));
    process.exit(0);
  });
