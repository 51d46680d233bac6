// A Kinesis server in a process of its own: node kinesalite.cjs PORT FOLDER
const kinesalite = require('kinesalite');
const { endWithParent, say } = require('./child.cjs');

const [port, path] = process.argv.slice(2);
const server = kinesalite({ path, createStreamMs: 20, deleteStreamMs: 20, updateStreamMs: 20, shardLimit: 10_000 });
server.on('error', say);
server.listen(Number(port), '127.0.0.1', () => say('ready'));
endWithParent(() => server.close(() => process.exit(0)));
