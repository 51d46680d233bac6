import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** What an AWS account holds, as far as the commands ask. */
export interface FakeAccount {
  /** The outputs of the one stack that there is; none where it is not deployed. */
  outputs?: Record<string, string>;
  stackStatus?: string;
  parameters: Record<string, string>;
  eventSourceMappings: object[];
  concurrentExecutions: number;
  /** What an invoked function answers. */
  invoke?: (functionName: string, payload: unknown) => Promise<unknown>;
  /** Of every function. */
  functionEnvironment: Record<string, string>;
  /** The error that every question gets instead, such as AccessDenied. */
  refusal?: string;
}

export interface FakeAws {
  account: FakeAccount;
  /** What sends the AWS SDK here. */
  environment: Record<string, string>;
  close: () => Promise<unknown>;
}

interface Answer {
  status: number;
  type: 'text/xml' | 'application/json';
  body: string;
}

/** Answers STS, CloudFormation, SSM, Lambda and Kinesis as AWS does, from one port of this machine. */
export async function startFakeAws(given: Partial<FakeAccount> = {}): Promise<FakeAws> {
  const account: FakeAccount = {
    parameters: {},
    eventSourceMappings: [],
    concurrentExecutions: 1_000,
    functionEnvironment: {},
    ...given,
  };
  const server = createServer((request, response) => {
    void answer(request, account).then(({ status, type, body }) =>
      response.writeHead(status, { 'content-type': type }).end(body),
    );
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    account,
    environment: { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
    close: () => new Promise((closed) => server.close(closed)),
  };
}

async function answer(request: IncomingMessage, account: FakeAccount): Promise<Answer> {
  const body = await text(request);
  const target = String(request.headers['x-amz-target'] ?? '').split('.')[1];
  const path = request.url?.split('?')[0]?.replace(/\/$/, '');
  if (target !== undefined) return answerJson(target, JSON.parse(body) as Record<string, string>, account);
  if (path === '/2016-08-19/account-settings') {
    return json({ AccountLimit: { ConcurrentExecutions: account.concurrentExecutions } });
  }
  if (path === '/2015-03-31/event-source-mappings') return json({ EventSourceMappings: account.eventSourceMappings });
  const [, functionName] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path ?? '') ?? [];
  if (functionName !== undefined) return answerInvocation(functionName, JSON.parse(body), account);
  if (path?.startsWith('/2015-03-31/functions/')) {
    return json({ Environment: { Variables: account.functionEnvironment } });
  }
  return answerQuery(new URLSearchParams(body).get('Action') ?? '', account);
}

function answerJson(target: string, request: Record<string, string>, { parameters, refusal }: FakeAccount): Answer {
  const { Name = '', Value = '' } = request;
  if (refusal !== undefined) return json({ __type: refusal, message: refusal }, 400);
  switch (target) {
    case 'GetParameter':
      return Name in parameters
        ? json({ Parameter: { Name, Value: parameters[Name], Version: (parameters[Name] ?? '').length } })
        : json({ __type: 'ParameterNotFound' }, 400);
    case 'PutParameter':
      parameters[Name] = Value;
      return json({ Version: 1 });
    case 'DescribeLimits':
      return json({ ShardLimit: 200, OpenShardCount: 0, OnDemandStreamCount: 3, OnDemandStreamCountLimit: 50 });
    default:
      return json({ __type: 'UnknownOperationException', message: target }, 400);
  }
}

async function answerInvocation(functionName: string, payload: unknown, { invoke }: FakeAccount): Promise<Answer> {
  if (!invoke) return json({ message: `Function not found: ${functionName}` }, 404);
  return json((await invoke(functionName, payload)) as object);
}

/** The older services speak XML. */
function answerQuery(action: string, { outputs, stackStatus = 'UPDATE_COMPLETE', refusal }: FakeAccount): Answer {
  if (refusal !== undefined) return xmlError(refusal, refusal);
  if (action === 'GetCallerIdentity') {
    return xml(
      action,
      '<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/somebody</Arn><UserId>somebody</UserId>',
    );
  }
  if (action !== 'DescribeStacks') return xmlError('InvalidAction', action);
  if (outputs === undefined) return xmlError('ValidationError', 'Stack with id mem-test does not exist');
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  return xml(
    action,
    `<Stacks><member><StackName>mem-test</StackName><CreationTime>2026-01-01T00:00:00Z</CreationTime><StackStatus>${stackStatus}</StackStatus><Outputs>${members.join('')}</Outputs></member></Stacks>`,
  );
}

function json(body: object, status = 200): Answer {
  return { status, type: 'application/json', body: JSON.stringify(body) };
}

function xml(action: string, result: string): Answer {
  return {
    status: 200,
    type: 'text/xml',
    body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`,
  };
}

function xmlError(code: string, message: string): Answer {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`;
  return { status: 400, type: 'text/xml', body };
}
