// Loads a function's bundle and answers one event, as a new Lambda environment does: node cold-start.cjs BUNDLE EVENT.json
// Prints the answer, and what it took: CPU of the process, Node's own start included, in µs, and its largest memory in KB.
const { readFileSync } = require('node:fs');

const [bundle, event] = process.argv.slice(2);
const context = { getRemainingTimeInMillis: () => 30_000 };
require(bundle)
  .handler(JSON.parse(readFileSync(event, 'utf8')), context, () => {})
  .then((answer) => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    process.stdout.write(JSON.stringify({ answer, cpuMicros: userCPUTime + systemCPUTime, peakKilobytes: maxRSS }));
    process.exit(0);
  });
