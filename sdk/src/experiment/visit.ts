import type { Assignment } from './assignment.ts';
import type { Behaviors, VariantName } from './definition.ts';
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
