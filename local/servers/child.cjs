// What the server processes share: they speak to their parent in lines, and never outlive it.

/** One line to the parent. */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Calls `stop` when we are told to end, or the parent closes our standard input, as it also does by dying. */
function endWithParent(stop) {
  process.stdin.resume();
  process.stdin.on('end', stop);
  // Without these we would end at once, and what we have started ourselves would be left behind.
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, stop);
  // Ctrl-C reaches the whole group: the parent decides when we end.
  process.on('SIGINT', () => {});
}

module.exports = { say, endWithParent };
