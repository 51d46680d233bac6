// dynalite knows no PartiQL. This adds what the claims need of BatchExecuteStatement: INSERT with parameters, each
// statement by itself, as DynamoDB answers it. An INSERT is a PutItem of an item that must not exist yet.
const { Readable } = require('node:stream');

const TARGET = 'DynamoDB_20120810.BatchExecuteStatement';
const MOST_STATEMENTS = 25;

/** `INSERT INTO "claims" VALUE {'id':?,'owner':?}` */
const INSERT = /^INSERT INTO "([^"]+)" VALUE \{((?:'[^']+':\?,?)+)\}$/;

/** Codes of a statement's error, by the exception that the same fault is for PutItem. */
const CODES = {
  ConditionalCheckFailedException: 'DuplicateItem',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
  ThrottlingException: 'ThrottlingError',
  ResourceNotFoundException: 'ResourceNotFound',
  ValidationException: 'ValidationError',
};

/** Puts itself before the server's own handling of requests. */
function addPartiql(server) {
  const [handle] = server.listeners('request');
  server.removeListener('request', handle);
  server.on('request', (request, response) => {
    if (request.headers['x-amz-target'] === TARGET) void answer(request, response, handle);
    else handle(request, response);
  });
}

async function answer(request, response, handle) {
  const { Statements = [] } = JSON.parse(await readText(request));
  const isValid = Statements.length >= 1 && Statements.length <= MOST_STATEMENTS;
  const body = isValid
    ? { Responses: await Promise.all(Statements.map((statement) => insert(statement, request, handle))) }
    : {
        __type: 'ValidationException',
        message: `expected 1 to ${MOST_STATEMENTS} statements, got ${Statements.length}`,
      };
  response.writeHead(isValid ? 200 : 400, { 'content-type': request.headers['content-type'] });
  response.end(JSON.stringify(body));
}

async function insert({ Statement, Parameters = [], ReturnValuesOnConditionCheckFailure }, request, handle) {
  const [, table, list] = INSERT.exec(Statement) ?? [];
  const names = list?.split(',').map((part) => part.slice(1, -3)) ?? [];
  if (!table || names.length !== Parameters.length) {
    return { Error: { Code: 'ValidationError', Message: `no INSERT with as many parameters: ${Statement}` } };
  }
  const put = {
    TableName: table,
    Item: Object.fromEntries(names.map((name, index) => [name, Parameters[index]])),
    ConditionExpression: 'attribute_not_exists(#key)',
    ExpressionAttributeNames: { '#key': names[0] },
    ...(ReturnValuesOnConditionCheckFailure && { ReturnValuesOnConditionCheckFailure }),
  };
  const { statusCode, body } = await ask('PutItem', put, request, handle);
  if (statusCode === 200) return { TableName: table };
  const name = String(body.__type).split('#').at(-1);
  return {
    TableName: table,
    Error: { Code: CODES[name] ?? 'InternalServerError', Message: body.message ?? body.Message, Item: body.Item },
  };
}

/** Hands the server a request that never was on a wire, signed as the one that it belongs to. */
function ask(operation, input, { headers, url }, handle) {
  const request = Object.assign(Readable.from([Buffer.from(JSON.stringify(input))]), {
    method: 'POST',
    url,
    headers: { ...headers, 'x-amz-target': `DynamoDB_20120810.${operation}` },
  });
  return new Promise((resolve) => {
    const response = {
      statusCode: 200,
      setHeader: () => undefined,
      end: (text) => resolve({ statusCode: response.statusCode, body: JSON.parse(text || '{}') }),
    };
    handle(request, response);
  });
}

async function readText(stream) {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

module.exports = { addPartiql };
