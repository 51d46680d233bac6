/** How many different names may count. */
export interface Limits {
  namespaces: number;
  /** In a namespace. */
  experiments: number;
  /** Of an experiment, like goals and segments. */
  variants: number;
  goals: number;
  /** Pairs of key and value. */
  segments: number;
}

export const DEFAULT_LIMITS: Limits = { namespaces: 20, experiments: 1_000, variants: 50, goals: 100, segments: 200 };

export type NameKind = keyof Limits;
