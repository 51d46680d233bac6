import { quietly } from '../errors.ts';
import { inTime } from '../in-time.ts';
import type { Hmac } from '../key/sha256.ts';
import { EXPOSURE } from '../tracker/outbox.ts';
import type { TrackedEvent } from '../tracker/outbox.ts';
import type { Tracker } from '../tracker/tracker.ts';
import type { Assignment, StickyMemory } from './assignment.ts';
import { assignControl, decide } from './decide.ts';
import type { DecisionDeps } from './decide.ts';
import { checkDefinition, controlOf } from './definition.ts';
import type { Behaviors, ConfigSource, Definition, VariantName } from './definition.ts';
import { createEvent, createOnce } from './event.ts';
import type { GoalDetails } from './event.ts';
import type { Outcome, Visit } from './visit.ts';
import { describeVisitor, identifyByContext } from './visitor.ts';
import type { Identify, VisitOptions, VisitorDeps } from './visitor.ts';

export interface Experiments {
  readonly for: <B extends Behaviors, C extends object>(
    definition: Definition<B, C>,
    context: C,
    options?: VisitOptions,
  ) => Visit<B>;
  /**
   * Sends what waits, for the end of a request or of a Lambda, within `flushTimeoutMs`. Answers how many events could
   * not be delivered yet: they are sent later. Does not wait where the backend has just failed.
   */
  readonly flush: Tracker['flush'];
}

/** What everyone who makes experiments may say. */
export interface CommonOptions {
  /** The backend's address: events go to its path `/events`. With a path of its own, the whole address they go to. */
  readonly endpoint: string;
  /** Default `alephbet`, as the backend's. */
  readonly namespace?: string;
  /** Hears of everything that went wrong: no such thing ever reaches the caller or the visitor. */
  readonly onError: (error: unknown) => void;
  /** Keeps keys from being guessed by trying all ids. Not for browsers, which cannot keep it. */
  readonly keySecret?: string;
  /**
   * Whether a visitor has another pseudonym in each experiment, so that nobody can tell that they are one. A goal then
   * has to name its experiment. Default false.
   */
  readonly unlinkable?: boolean | undefined;
  /** How long a sticky store or a rollout may take, in ms: then the control is shown. Default 500. */
  readonly storeTimeoutMs?: number;
  /** How long `flush` may take, in ms: what then waits still is sent later. Default 500. */
  readonly flushTimeoutMs?: number;
  /** Lets experiments change without a deployment: `fetchConfig(url)`, from `mem-ab-sdk/config`. */
  readonly config?: ConfigSource;
}

export interface ExperimentsDeps extends Omit<CommonOptions, 'endpoint'> {
  readonly memory?: StickyMemory | undefined;
  readonly tracker: Pick<Tracker, 'track' | 'flush'>;
  readonly hmac: Hmac;
  readonly identify?: Identify;
  /** What has been decided elsewhere: on the server, or in a test. */
  readonly known?: <B extends Behaviors>(
    definition: Pick<Definition<B>, 'name' | 'variants'>,
  ) => Assignment<VariantName<B>> | undefined;
}

const REMEMBERED_EXPOSURES = 10_000;
const REMEMBERED_MS = 3_600_000;

export function createExperiments({
  tracker,
  hmac,
  namespace = 'alephbet',
  keySecret = '',
  unlinkable,
  memory,
  storeTimeoutMs = 500,
  flushTimeoutMs = 500,
  identify = identifyByContext,
  known = () => undefined,
  config = (definition) => definition,
  onError,
}: ExperimentsDeps): Experiments {
  const report = quietly(onError);
  const decisionDeps: DecisionDeps = { hmac, keySecret, memory, onError: report, timeoutMs: storeTimeoutMs };
  const visitorDeps: VisitorDeps = { hmac, keySecret, identify, namespace, unlinkable };
  const isNewExposure = createOnce(REMEMBERED_EXPOSURES, REMEMBERED_MS);
  const held = new Set<Promise<unknown>>();

  function hold<T>(work: Promise<T>): Promise<T> {
    held.add(work);
    return work.finally(() => held.delete(work));
  }

  /** Looks at the request at once, as long as cookies can be set on its answer, and decides when asked. */
  function prepare<B extends Behaviors, C extends object>(
    definition: Definition<B, C>,
    context: C,
    options: VisitOptions,
  ): () => Promise<Assignment<VariantName<B>>> {
    const decided = known(definition);
    if (decided) return () => Promise.resolve(decided);

    try {
      // It may have been written by hand, without defineExperiment.
      checkDefinition(definition);
      const visitor = describeVisitor(visitorDeps, definition, context, options);
      return () => decide(definition, visitor, decisionDeps);
    } catch (error) {
      report(error);
      return () => Promise.resolve(assignControl(definition, error));
    }
  }

  function send(
    experiment: string,
    { variant, unit }: Assignment,
    event: string,
    details: GoalDetails,
    told?: Pick<TrackedEvent, 'definedAt' | 'control'>,
  ): void {
    try {
      tracker.track({ ...createEvent(hmac, { namespace, experiment, variant, unit }, event, details), ...told });
    } catch (error) {
      report(error);
    }
  }

  /** Whether an exposure has not been told lately. Of a visitor without a unit each one is new. */
  function isNew(name: string, { variant, unit }: Assignment): boolean {
    return unit === undefined || isNewExposure(`${unit} ${variant} ${name}`);
  }

  async function settle(): Promise<void> {
    while (held.size > 0) await Promise.allSettled(held);
  }

  function createVisit<B extends Behaviors, C extends object>(
    written: Definition<B, C>,
    context: C,
    options: VisitOptions = {},
  ): Visit<B> {
    const definition = config(written, report);
    const { name, variants, definedAt } = definition;
    const { segments } = options;
    const prepared = prepare(definition, context, options);
    let assigned: Promise<Assignment<VariantName<B>>> | undefined;
    let outcome: Promise<Outcome<B>> | undefined;

    const assign = () => (assigned ??= hold(prepared()));

    async function expose(): Promise<VariantName<B>> {
      const assignment = await assign();
      const { variant, tracked } = assignment;
      if (tracked && isNew(name, assignment)) {
        const control = variants.control ? undefined : controlOf(definition);
        send(name, assignment, EXPOSURE, { once: true, segments }, { definedAt, control });
      }
      return variant;
    }

    async function runOnce(): Promise<Outcome<B>> {
      const variant = await hold(expose());
      // The compiler does not see that a variant's own behavior answers with one of the behaviors' answers.
      return (await (variants as B | undefined)?.[variant]?.()) as Outcome<B>;
    }

    async function trackGoal(goal: string, details: GoalDetails): Promise<void> {
      const assignment = await assign();
      if (!assignment.tracked) return;
      const merged = details.segments ? { ...segments, ...details.segments } : segments;
      send(name, assignment, goal, { ...details, segments: merged });
    }

    return {
      name,
      assign,
      run: () => (outcome ??= runOnce()),
      track: (goal, details = {}) => hold(trackGoal(goal, details)),
    };
  }

  return {
    for: createVisit,

    async flush(options) {
      // Not a number: `.then(flush)` hands over whatever came before.
      const timeoutMs = options?.timeoutMs ?? flushTimeoutMs;
      const end = Date.now() + timeoutMs;
      await inTime(settle(), timeoutMs).catch(report);
      return tracker.flush({ timeoutMs: Math.max(0, end - Date.now()) });
    },
  };
}
