// A DynamoDB server in a process of its own: node dynalite.cjs PORT FOLDER
const dynalite = require('dynalite');
const { endWithParent, say } = require('./child.cjs');
const { closeFinishedIterators } = require('./close-iterators.cjs');
const { addPartiql } = require('./partiql.cjs');

closeFinishedIterators();
const [port, path] = process.argv.slice(2);
const server = dynalite({ path, createTableMs: 20, deleteTableMs: 20, updateTableMs: 20 });
addPartiql(server);
server.on('error', say);
server.listen(Number(port), '127.0.0.1', () => say('ready'));
endWithParent(() => server.close(() => process.exit(0)));
