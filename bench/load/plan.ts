import type { RejectionCode } from '../../shared/contract/event.ts';
import { createEvents, type SentEvent } from './events.ts';
import { createExpectedCounts, type ExpectedExperiment } from './expected-counts.ts';
import { createRandom, type Random } from './random.ts';

export interface LoadRequest {
  method: 'GET' | 'POST';
  /** With the query */
  path: string;
  contentType?: string;
  body?: string;
  /** What has to be answered. */
  answer: ExpectedAnswer;
}

export interface ExpectedAnswer {
  status: number;
  accepted: number;
  rejected: { index: number; code: RejectionCode }[];
  /** Code of the refusal of the whole request. */
  error?: string;
}

export interface LoadPlan {
  /** Part of the name of every experiment. */
  tag: string;
  requests: LoadRequest[];
  /** To be sent when everything else is acknowledged, and the experiment that they count in. */
  last: { requests: LoadRequest[]; experiment: string };
  /** Without the last ones. */
  expected: ExpectedExperiment[];
  /** Of the events: how many, and how many of them bad ones and copies of earlier ones. */
  events: number;
  bad: number;
  repeats: number;
}

export interface PlanOptions {
  events: number;
  seed: number;
  /** Of this run alone: the same load, sent once more, has to be waited for once more. */
  run: string;
}

const REPEATS = 0.3;
const BAD = 0.03;
const SPOILED_REQUESTS = 0.005;
const LARGEST_BATCH = 50;
/** A shard keeps its order: with one of these counted from every shard, all before them are. They fall on shards by chance. */
const LAST_EVENTS = 40;

/** Draws a load: the requests, what each has to be answered, and what every counter has to be in the end. */
export function planLoad({ events: total, seed, run }: PlanOptions): LoadPlan {
  const random = createRandom(seed);
  const tag = `${seed}.${total}`;
  const events = createEvents(random, tag);
  const expected = createExpectedCounts();
  const sent: SentEvent[] = [];
  const requests: LoadRequest[] = [];
  const plan = { events: 0, bad: 0, repeats: 0 };

  function draw(byQuery: boolean): Drawn {
    plan.events += 1;
    const chance = random.next();
    if (chance < BAD) {
      plan.bad += 1;
      return events.bad(byQuery);
    }
    let event = chance < BAD + REPEATS ? earlier(sent, random) : undefined;
    if (event) plan.repeats += 1;
    else sent.push((event = events.fresh()));
    expected.add(event);
    return { candidate: event };
  }

  while (plan.events < total) {
    const kind = random.next();
    if (random.next() < SPOILED_REQUESTS) requests.push(spoiledRequest(random));
    else if (kind < 0.4) requests.push(queryRequest(draw(true)));
    else if (kind < 0.7) requests.push(singleRequest(draw(false)));
    else {
      const size = Math.min(total - plan.events, 1 + random.below(LARGEST_BATCH));
      requests.push(
        batchRequest(
          Array.from({ length: size }, () => draw(false)),
          random,
        ),
      );
    }
  }

  return {
    ...plan,
    tag,
    requests,
    last: lastEvents(`the end of ${tag} in run ${run}`),
    expected: expected.experiments(),
  };
}

function lastEvents(experiment: string): LoadPlan['last'] {
  const requests = Array.from({ length: LAST_EVENTS }, (_, index) => {
    const candidate: SentEvent = { experiment, variant: 'end', event: 'participate', uuid: String(index) };
    return queryRequest({ candidate });
  });
  return { requests, experiment };
}

interface Drawn {
  candidate: unknown;
  /** Why it has to be refused. */
  code?: RejectionCode;
}

/** A copy comes at once (a client's retry) or at any later time. */
function earlier(sent: readonly SentEvent[], random: Random): SentEvent | undefined {
  const among = random.next() < 0.5 ? sent.slice(-50) : sent;
  return among[random.below(among.length)];
}

/** Bad events lack what they must have. */
type Loose<T> = { [K in keyof T]?: T[K] | undefined };

function queryRequest(drawn: Drawn): LoadRequest {
  const { segments = {}, ...parts } = drawn.candidate as Loose<SentEvent>;
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parts)) if (value !== undefined) query.set(name, String(value));
  for (const [name, value] of Object.entries(segments)) query.set(`segment.${name}`, value);
  return { method: 'GET', path: `/track?${query.toString()}`, answer: { ...answerTo([drawn]), status: 200 } };
}

function singleRequest(drawn: Drawn): LoadRequest {
  const body = JSON.stringify(drawn.candidate);
  return { method: 'POST', path: '/track', contentType: 'application/json', body, answer: answerTo([drawn]) };
}

function batchRequest(drawn: Drawn[], random: Random): LoadRequest {
  const events = drawn.map(({ candidate }) => candidate);
  const contentType = random.pick(['application/json', 'text/plain;charset=UTF-8']);
  const body = JSON.stringify(random.next() < 0.5 ? events : { events });
  return { method: 'POST', path: '/events', contentType, body, answer: answerTo(drawn) };
}

function answerTo(drawn: readonly Drawn[]): ExpectedAnswer {
  const rejected = drawn.flatMap(({ code }, index) => (code === undefined ? [] : [{ index, code }]));
  const accepted = drawn.length - rejected.length;
  return { status: accepted > 0 ? 200 : 400, accepted, rejected };
}

/** One that cannot be read as a whole. */
function spoiledRequest(random: Random): LoadRequest {
  const refused = { method: 'POST', path: '/events', contentType: 'application/json' } as const;
  const answer = (status: number, error: string) => ({ status, error, accepted: 0, rejected: [] });
  return random.pick<LoadRequest>([
    { ...refused, body: '[{"experiment":', answer: answer(400, 'not_json') },
    { ...refused, body: '[]', answer: answer(400, 'no_events') },
    { ...refused, body: '<event/>', contentType: 'application/xml', answer: answer(415, 'wrong_content_type') },
    { ...refused, body: JSON.stringify(new Array(501).fill({})), answer: answer(413, 'too_many_events') },
  ]);
}
