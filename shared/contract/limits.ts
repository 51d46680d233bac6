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
  /** Goals that name no experiment, in a namespace. */
  visitorGoals: number;
}

export const DEFAULT_LIMITS: Limits = {
  namespaces: 20,
  experiments: 1_000,
  variants: 50,
  goals: 100,
  segments: 200,
  visitorGoals: 100,
};

/** How many events may come, 0 where nothing bounds them. */
export interface EventLimits {
  /** On average over ten seconds. */
  perSecond: number;
  /** From one IPv4 address, or from one /64 of IPv6, on average over ten seconds. */
  perSecondByAddress: number;
  /** Of one visitor: those beyond are taken, and do not count. */
  perHourByUnit: number;
}

export const NO_EVENT_LIMITS: EventLimits = { perSecond: 0, perSecondByAddress: 0, perHourByUnit: 0 };

export type NameKind = keyof Limits;
