/** What a rollout may decide by. */
export interface RolloutRequest<V extends string = string> {
  readonly name: string;
  /** Pseudonym of the visitor, or of what the variant hangs on. */
  readonly id: string;
  readonly variants: readonly V[];
  /** The share of visitors that takes part, from 0 to 1. */
  readonly coverage: number;
}

/** Draws a variant; undefined if the visitor is outside the coverage. */
export interface Rollout<V extends string> {
  choose(request: RolloutRequest<V>): V | undefined | Promise<V | undefined>;
}
