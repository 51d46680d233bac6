// Answers as Kinesis and DynamoDB do where all goes well, and does nothing: what is measured is the other side.
//   node aws-stub.cjs        prints its port; ends with its standard input
const { createHash } = require('node:crypto');
const { createServer } = require('node:http');

const API_KEY = 'bench';
const apiKeys = [
  { pk: { S: 'api-key' }, sk: { S: createHash('sha256').update(API_KEY).digest('hex') }, role: { S: 'admin' } },
];

/** Who the installation is, it has to know again: its Redis belongs to it. */
const installations = new Map();

const answers = {
  PutRecords: ({ Records }) => ({
    FailedRecordCount: 0,
    Records: Records.map(() => ({ SequenceNumber: '49'.padEnd(56, '0'), ShardId: 'shardId-000000000000' })),
  }),
  ListShards: () => ({ Shards: [{ ShardId: 'shardId-000000000000' }] }),
  PutItem({ TableName, Item }) {
    if (Item.pk?.S === 'installation') installations.set(TableName, Item);
    return {};
  },
  BatchExecuteStatement: ({ Statements }) => ({ Responses: Statements.map(() => ({})) }),
  UpdateItem: () => ({ Attributes: { number: { N: '1' } } }),
  BatchGetItem: ({ RequestItems }) => ({
    Responses: Object.fromEntries(Object.keys(RequestItems).map((table) => [table, installationOf(table)])),
    UnprocessedKeys: {},
  }),
  Query: ({ ExpressionAttributeValues }) => ({
    Items: ExpressionAttributeValues[':pk'].S === 'api-key' ? apiKeys : [],
  }),
};

const installationOf = (table) => (installations.has(table) ? [installations.get(table)] : []);

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const operation = String(request.headers['x-amz-target']).split('.').at(-1);
    const answer = answers[operation];
    const type = request.headers['content-type'] ?? '';
    const known = answer !== undefined && type.startsWith('application/x-amz-json');
    if (!known) process.stderr.write(`aws-stub: no answer to ${operation} as ${type}\n`);
    const body = JSON.stringify(known ? answer(JSON.parse(Buffer.concat(chunks))) : { __type: 'UnknownOperation' });
    response.writeHead(known ? 200 : 400, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.stdout.write(`${server.address().port}\n`));
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
