// What the server processes share: they speak to their parent in lines, and never outlive it.

/** One line to the parent. */
function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Calls `stop` when the parent closes our standard input, as it also does by dying. */
function endWithParent(stop) {
  process.stdin.resume();
  process.stdin.on('end', stop);
  // Ctrl-C reaches the whole group: the parent decides when we end.
  process.on('SIGINT', () => {});
}

module.exports = { say, endWithParent };
