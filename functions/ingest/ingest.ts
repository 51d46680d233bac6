import { isCrawler } from './crawler.ts';
import type { LeftOutReason } from '../../shared/contract/report/ingest-notes.ts';
import { EXPOSURE, checkEvent, type Rejection, type StreamEvent } from '../../shared/contract/event.ts';
import { VERSIONS } from '../../shared/contract/versions.ts';
import { refuseUnit } from '../../shared/contract/unusable-unit.ts';
import { RequestError, StreamUnavailable, messageOf } from '../../shared/runtime/errors.ts';
import { encodeRecords } from '../../shared/counting/stream-record.ts';
import type { EventLimiter } from './event-limiter.ts';
import { reasonOf, type Named, type Noticed } from './noticed.ts';
import { parseRequest, type IngestRequest } from './parse-request.ts';
import type { RefuseUnsigned } from './signed-exposures.ts';
import { tidyEvent, type LeftOut } from './tidy-event.ts';
import { putWithRetries, type StreamDeps } from '../../shared/stores/kinesis/put.ts';

export interface IngestDeps extends StreamDeps {
  /** Whether what crawlers do counts as what visitors do. */
  countCrawlers?: boolean;
  /** The highest version of stream records that may be written; without it the newest. */
  recordVersion?: number;
  randomKey: () => string;
  /** Bounds how many events are let through; without it nothing does. */
  limiter?: EventLimiter;
  /** Tells reports what no counter holds; without it they do not know. */
  noticed?: Noticed;
  /** Refuses exposures that have to be signed and are not; without it none has to be. Rejects where that cannot be told. */
  signed?: () => Promise<RefuseUnsigned>;
  /** Told what became of each request's events, for metrics and logs. */
  observe: (outcome: IngestOutcome) => void;
}

/** `failure`: why the events of the whole request could not be stored. */
export interface IngestOutcome {
  accepted: number;
  rejected: number;
  /** Valid events of crawlers, which are not counted. */
  ofCrawlers?: number;
  /** Parts of accepted events that could not be used. */
  leftOut?: number;
  /** Whether the request was turned away unread, since too many events have come. */
  throttled?: boolean;
  failure?: string;
}

export interface IngestAnswer {
  status: number;
  body: IngestBody;
  retryAfterSeconds?: number;
}

export interface IngestBody {
  /** How many events are in the stream. */
  accepted: number;
  /** The events that are not, by their place in the request. */
  rejected?: ({ index: number } & Rejection)[];
  /** What could not be used of accepted events, each property once, and of how many events it was. */
  leftOut?: (LeftOut & { events: number })[];
  /** Valid events that are not in the stream, since a crawler sent them. */
  ofCrawlers?: number;
  /** Why the request as a whole was refused. */
  error?: { code: string; message: string };
}

/**
 * Takes the events of one HTTP request into the stream. Answers 200 only when the stream has acknowledged every valid
 * event, or when there is none in a GET, or a crawler sent them; 429 where too many events have come; never throws.
 * @param deadline ms since 1970: by then there is an answer
 */
export async function ingest(request: IngestRequest, deps: IngestDeps, deadline: number): Promise<IngestAnswer> {
  const { address = '' } = request;
  const secondsToWait = deps.limiter?.secondsToWait(address);
  if (secondsToWait !== undefined) return turnAway(secondsToWait, deps);
  try {
    const { accepted: valid, rejected, leftOut } = sortOut(parseRequest(request), await deps.signed?.(), deps);
    const isUncounted = !deps.countCrawlers && isCrawler(request.headers['user-agent']);
    if (isUncounted) for (const event of valid) noticeOf(event, (of) => deps.noticed?.leftOut(of, 'crawler'));
    const accepted = isUncounted ? [] : valid;
    const ofCrawlers = valid.length - accepted.length;
    if (accepted.length > 0) {
      const counted = deps.limiter?.count(address, accepted.length);
      const waves = encodeRecords({ at: deps.now(), events: accepted }, deps.randomKey);
      for (const wave of waves) await putWithRetries(wave, deps, deadline);
      await counted;
    }
    const parts = leftOut.reduce((sum, { events }) => sum + events, 0);
    deps.observe({
      accepted: accepted.length,
      rejected: rejected.length,
      ...(ofCrawlers > 0 && { ofCrawlers }),
      ...(parts > 0 && { leftOut: parts }),
    });
    return {
      // To clients of GET, as Alephbet, everything but 200 means that they have to send it again.
      status: valid.length > 0 || request.method === 'GET' ? 200 : 400,
      body: {
        accepted: accepted.length,
        ...(rejected.length > 0 && { rejected }),
        ...(leftOut.length > 0 && { leftOut }),
        ...(ofCrawlers > 0 && { ofCrawlers }),
      },
    };
  } catch (error) {
    const answer = answerError(error);
    const refused = error instanceof RequestError;
    deps.observe({ accepted: 0, rejected: refused ? 1 : 0, ...(!refused && { failure: messageOf(error) }) });
    return answer;
  }
}

/** The answer to a page of a site that may not send events. */
export function refuseOrigin(origin: string, { observe }: Pick<IngestDeps, 'observe'>): IngestAnswer {
  observe({ accepted: 0, rejected: 1 });
  const message = `expected a page of an allowed origin, got ${JSON.stringify(origin.slice(0, 80))}; allowedOrigins of mem.config.json names them`;
  return answerError(new RequestError(403, 'origin_not_allowed', message));
}

/** What comes again later is not lost, so it is not rejected either. */
function turnAway(retryAfterSeconds: number, { observe }: Pick<IngestDeps, 'observe'>): IngestAnswer {
  observe({ accepted: 0, rejected: 0, throttled: true });
  const message = `expected fewer events in ten seconds (eventLimits); send them again in ${retryAfterSeconds} s`;
  return { status: 429, body: { accepted: 0, error: { code: 'throttled', message } }, retryAfterSeconds };
}

/** The answer that promises nothing: the client keeps its events and sends them again. */
export const unavailable: IngestAnswer = {
  status: 503,
  body: { accepted: 0, error: { code: 'stream_unavailable', message: 'the events are not stored; send them again' } },
  retryAfterSeconds: 2,
};

const internalError: IngestAnswer = {
  ...unavailable,
  body: { accepted: 0, error: { code: 'internal_error', message: 'the events are not stored; send them again' } },
};

/** So many properties are named at most. */
const MAX_NAMED = 20;

/** Characters of a name. */
const MAX_NAME = 256;

type SortDeps = Pick<IngestDeps, 'noticed' | 'recordVersion'>;

function sortOut(candidates: unknown[], refuseUnsigned: RefuseUnsigned | undefined, deps: SortDeps) {
  const { noticed, recordVersion } = deps;
  const accepted: StreamEvent[] = [];
  const rejected: NonNullable<IngestBody['rejected']> = [];
  const leftOut = new Map<string, LeftOut & { events: number }>();
  candidates.forEach((given, index) => {
    const { signature, control, event } = takeDoorOnly(given, refuseUnsigned !== undefined);
    const tidy = tidyEvent(event);
    const checked = check(
      tidy.candidate,
      (valid) => refuseTooNew(valid, recordVersion) ?? refuseUnsigned?.(valid, signature),
    );
    if (!checked.ok) {
      rejected.push({ index, ...checked.rejection });
      noticeOf(tidy.candidate, (of) => noticed?.leftOut(of, refusalReason(checked.rejection)));
      return;
    }
    accepted.push(checked.event);
    noticeOf(checked.event, (of) => {
      if (checked.event.event === EXPOSURE && isName(control)) noticed?.control(of, control.normalize('NFC').trim());
      const reasons = new Set(tidy.leftOut.map(({ property }) => reasonOf(property)));
      for (const reason of reasons) noticed?.leftOut(of, reason);
    });
    countLeftOut(tidy.leftOut, leftOut);
  });
  return { accepted, rejected, leftOut: [...leftOut.values()].slice(0, MAX_NAMED) };
}

/** What only newer records can hold would stop consumers that do not read those yet. */
function refuseTooNew({ experiment }: StreamEvent, recordVersion: number = VERSIONS.record): Rejection | undefined {
  if (experiment !== undefined || recordVersion >= 2) return undefined;
  const message = 'experiment: expected a value while recordVersion of mem.config.json is 1, got none';
  return { code: 'missing_property', message };
}

/** What is for the door alone: what the stream holds, the door has vouched for, and it has told who is the control. */
function takeDoorOnly(
  given: unknown,
  takesSignature: boolean,
): { signature?: unknown; control?: unknown; event: unknown } {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return { event: given };
  const { control, ...event } = given as Record<string, unknown>;
  if (!takesSignature || !('signature' in event)) return { control, event };
  const { signature, ...rest } = event;
  return { signature, control, event: rest };
}

function isName(candidate: unknown): candidate is string {
  return typeof candidate === 'string' && candidate.trim() !== '' && candidate.length <= MAX_NAME;
}

/** Tells of a candidate that names its experiment. */
function noticeOf(candidate: unknown, notice: (of: Named) => void): void {
  if (typeof candidate !== 'object' || candidate === null) return;
  const { namespace, experiment } = candidate as Record<string, unknown>;
  if (typeof namespace === 'string' && namespace.length <= MAX_NAME && isName(experiment)) {
    notice({ namespace, experiment });
  }
}

function refusalReason({ code }: Rejection): LeftOutReason {
  const reason = reasonOf(code);
  return reason === 'other' ? 'invalid' : reason;
}

function check(
  candidate: unknown,
  refuse: (event: StreamEvent) => Rejection | undefined,
): ReturnType<typeof checkEvent> {
  const unusable = refuseUnit(candidate);
  const checked = unusable ? ({ ok: false, rejection: unusable } as const) : checkEvent(candidate);
  const rejection = checked.ok ? refuse(checked.event) : undefined;
  return rejection ? { ok: false, rejection } : checked;
}

/** Adds one event's properties; a property that it has twice, two segments say, counts once. */
function countLeftOut(leftOut: readonly LeftOut[], counts: Map<string, LeftOut & { events: number }>): void {
  const first = new Map(leftOut.map((one) => [one.property, one]));
  for (const [property, one] of first) {
    const known = counts.get(property);
    if (known) known.events++;
    else counts.set(property, { ...one, events: 1 });
  }
}

function answerError(error: unknown): IngestAnswer {
  if (error instanceof RequestError) {
    return { status: error.status, body: { accepted: 0, error: { code: error.code, message: error.message } } };
  }
  return error instanceof StreamUnavailable ? unavailable : internalError;
}
