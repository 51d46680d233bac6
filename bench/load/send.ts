import { Agent, request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExpectedAnswer, LoadRequest } from './plan.ts';

export interface Sent {
  /** Requests that were sent once more, as nothing was promised for them. */
  resent: number;
  /** Answers that are not what they have to be, in words. */
  wrongAnswers: string[];
}

const ATTEMPTS = 8;
const TIMEOUT_MS = 20_000;

interface Answer {
  status: number;
  text: string;
}

/** Sends requests in order over so many connections, and checks each answer. What is not answered, or with 503, is sent again. */
export async function sendAll(
  url: string,
  requests: readonly LoadRequest[],
  connections: number,
  onAnswer?: (part: number) => void,
): Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const sent: Sent = { resent: 0, wrongAnswers: [] };
  const queue = requests.values();
  let answered = 0;
  const work = async () => {
    for (const request of queue) {
      const answer = await sendUntilAnswered(url, request, agent, sent);
      const wrong = answer ? findFault(request.answer, answer) : 'no answer';
      answered += 1;
      onAnswer?.(answered / requests.length);
      if (wrong) sent.wrongAnswers.push(`${request.method} ${request.path.slice(0, 200)}: ${wrong}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, work));
  agent.destroy();
  return sent;
}

async function sendUntilAnswered(
  url: string,
  request: LoadRequest,
  agent: Agent,
  sent: Sent,
): Promise<Answer | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) {
      sent.resent += 1;
      await sleep(100 * 2 ** attempt);
    }
    const answer = await send(url, request, agent).catch(() => undefined);
    if (answer && answer.status !== 503) return answer;
  }
  return undefined;
}

function send(url: string, { method, path, contentType, body }: LoadRequest, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = contentType === undefined ? {} : { 'content-type': contentType };
    const request = httpRequest(`${url}${path}`, { method, agent, headers, timeout: TIMEOUT_MS }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time')));
    request.on('error', reject);
    request.end(body);
  });
}

interface Body {
  accepted?: unknown;
  rejected?: { index: number; code: string; message: string }[];
  error?: { code: string; message: string };
}

/** Says what is wrong with an answer; a refusal has to give its reason in a code and in words. */
function findFault(expected: ExpectedAnswer, { status, text }: Answer): string | undefined {
  const body = parseJson(text);
  const { accepted, rejected = [], error } = body;
  const reasons = [...rejected, ...(error ? [error] : [])];
  const got: ExpectedAnswer = {
    status,
    accepted: Number(accepted),
    rejected: rejected.map(({ index, code }) => ({ index, code: code as ExpectedAnswer['rejected'][number]['code'] })),
    ...(error && { error: error.code }),
  };
  const wanted = JSON.stringify(sorted(expected));
  if (JSON.stringify(sorted(got)) !== wanted) return `expected ${wanted}, got ${status} ${text.slice(0, 300)}`;
  return reasons.every(({ message }) => message.length > 0) ? undefined : 'a reason without words';
}

function sorted({ status, accepted, rejected, error }: ExpectedAnswer): ExpectedAnswer {
  return { status, accepted, rejected, ...(error !== undefined && { error }) };
}

function parseJson(text: string): Body {
  try {
    return JSON.parse(text) as Body;
  } catch {
    return {};
  }
}
