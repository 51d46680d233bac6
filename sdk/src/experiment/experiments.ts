import { quietly } from '../errors.ts';
import type { Hmac } from '../key/sha256.ts';
import { EXPOSURE } from '../tracker/outbox.ts';
import type { TrackedEvent } from '../tracker/outbox.ts';
import type { Tracker } from '../tracker/tracker.ts';
import type { Assignment, StickyStore } from './assignment.ts';
import { assignControl, decide } from './decide.ts';
import type { DecisionDeps } from './decide.ts';
import type { Behaviors, Definition, VariantName } from './definition.ts';
import { createEvent, createOnce } from './event.ts';
import type { GoalDetails } from './event.ts';
import { createVisit } from './visit.ts';
import type { Visit } from './visit.ts';
import { describeVisitor, identifyByContext } from './visitor.ts';
import type { Identify, VisitOptions } from './visitor.ts';

export interface Experiments {
  readonly for: <B extends Behaviors, C extends object>(
    definition: Definition<B, C>,
    context: C,
    options?: VisitOptions,
  ) => Visit<B>;
  /** Sends what waits, for the end of a request or of a Lambda. Answers how many events could not be delivered yet. */
  readonly flush: () => Promise<number>;
}

/** What everyone who makes experiments may say. */
export interface CommonOptions {
  /** The backend's address: events go to `<endpoint>/events`. */
  readonly endpoint: string;
  /** Default `alephbet`, as the backend's. */
  readonly namespace?: string;
  /** Hears of everything that went wrong: no such thing ever reaches the caller or the visitor. */
  readonly onError: (error: unknown) => void;
  /** Keeps keys from being guessed by trying all ids. Not for browsers, which cannot keep it. */
  readonly keySecret?: string;
  readonly stickyStore?: StickyStore;
}

export interface ExperimentsDeps extends Pick<CommonOptions, 'namespace' | 'onError' | 'keySecret' | 'stickyStore'> {
  readonly tracker: Pick<Tracker, 'track' | 'flush'>;
  readonly hmac: Hmac;
  readonly identify?: Identify;
  /** What has been decided elsewhere: on the server, or in a test. */
  readonly known?: <B extends Behaviors>(
    definition: Pick<Definition<B>, 'name' | 'variants'>,
  ) => Assignment<VariantName<B>> | undefined;
}

const REMEMBERED_EXPOSURES = 10_000;

export function createExperiments({
  tracker,
  hmac,
  namespace = 'alephbet',
  keySecret = '',
  stickyStore,
  identify = identifyByContext,
  known = () => undefined,
  onError,
}: ExperimentsDeps): Experiments {
  const report = quietly(onError);
  const decisionDeps: DecisionDeps = { hmac, keySecret, stickyStore, onError: report };
  const isNewExposure = createOnce(REMEMBERED_EXPOSURES);
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
      const visitor = describeVisitor({ hmac, keySecret, identify }, definition.name, context, options);
      return () => decide(definition, visitor, decisionDeps);
    } catch (error) {
      report(error);
      return () => Promise.resolve(assignControl(definition, error));
    }
  }

  const createEventOf = (experiment: string, { variant, unit }: Assignment, event: string, details: GoalDetails) =>
    createEvent(hmac, { namespace, experiment, variant, unit }, event, details);

  function send(event: TrackedEvent): void {
    try {
      tracker.track(event);
    } catch (error) {
      report(error);
    }
  }

  return {
    for: (definition, context, options = {}) => {
      const { name } = definition;
      const { segments } = options;
      return createVisit(definition, {
        hold,
        assign: prepare(definition, context, options),
        expose: (assignment) => {
          if (!assignment.tracked) return;
          const exposure = createEventOf(name, assignment, EXPOSURE, { once: true, segments });
          if (isNewExposure(`${exposure.uuid} ${exposure.variant}`)) send(exposure);
        },
        trackGoal: (assignment, goal, details) => {
          if (!assignment.tracked) return;
          const merged = details.segments ? { ...segments, ...details.segments } : segments;
          send(createEventOf(name, assignment, goal, { ...details, segments: merged }));
        },
      });
    },

    async flush() {
      while (held.size > 0) await Promise.allSettled(held);
      return tracker.flush();
    },
  };
}
