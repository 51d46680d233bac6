import type { Assignment } from './assignment.ts';
import type { Behaviors, Definition, VariantName } from './definition.ts';
import type { GoalDetails } from './event.ts';

/** What a variant of these behaviors gives, once awaited. */
export type Outcome<B extends Behaviors> = Awaited<ReturnType<B[VariantName<B>]>>;

/** One visitor in one experiment. */
export interface Visit<B extends Behaviors = Behaviors> {
  readonly name: string;
  /** Which variant, and why. Counts nothing. Always the same answer from one visit. */
  readonly assign: () => Promise<Assignment<VariantName<B>>>;
  /** Counts the exposure, then calls the chosen behavior and gives what it gives. Once: later calls give the same. */
  readonly run: () => Promise<Outcome<B>>;
  /** Counts a goal. Resolves when it is in the queue; never rejects. */
  readonly track: (goal: string, details?: GoalDetails) => Promise<void>;
}

export interface VisitDeps<B extends Behaviors> {
  readonly assign: () => Promise<Assignment<VariantName<B>>>;
  readonly expose: (assignment: Assignment) => void;
  readonly trackGoal: (assignment: Assignment, goal: string, details: GoalDetails) => void;
  /** Makes `flush` wait for this. */
  readonly hold: <T>(work: Promise<T>) => Promise<T>;
}

export function createVisit<B extends Behaviors>(
  { name, variants }: Pick<Definition<B>, 'name' | 'variants'>,
  { assign: decide, expose, trackGoal, hold }: VisitDeps<B>,
): Visit<B> {
  let assigned: Promise<Assignment<VariantName<B>>> | undefined;
  let outcome: Promise<Outcome<B>> | undefined;

  const assign = () => (assigned ??= hold(decide()));

  async function runOnce(): Promise<Outcome<B>> {
    const { variant } = await hold(
      assign().then((assignment) => {
        expose(assignment);
        return assignment;
      }),
    );
    // The compiler does not see that a variant's own behavior answers with one of the behaviors' answers.
    return (await variants[variant]?.()) as Outcome<B>;
  }

  return {
    name,
    assign,
    run: () => (outcome ??= runOnce()),
    track: (goal, details = {}) => hold(assign().then((assignment) => trackGoal(assignment, goal, details))),
  };
}
