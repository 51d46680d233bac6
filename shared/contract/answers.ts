import type { LeftOutCount } from './report/ingest-notes.ts';
import type { Conclusion } from './report/conclusion.ts';
import type { Definition } from './definition.ts';
import type {
  Metric,
  GoalSet,
  ArmDescription,
  Estimate,
  Undetermined,
  Method,
  Correction,
  Best,
  Comparison,
  SampleRatio,
  Better,
  Verdict,
} from './statistics.ts';

/*
 * The shape of every answer of /v1, as JSON. Times are ISO 8601 in UTC, days are UTC (`2026-11-20`), shares are from 0
 * to 1 (0.05 is five percent). A number that the data do not define is null, and its reason stands beside it.
 *
 * One experiment is named in the query, `/v1/experiment?experiment=NAME`, which is right for every name. The path
 * `/v1/experiments/NAME` is the same route for ordinary names: gateways decode paths, cut them at an encoded `?`, and
 * clients resolve `..` in them.
 */

/** `GET /v1/experiments?namespace=` */
export interface ExperimentList {
  namespace: string;
  /** Whether the counters are being counted again at this moment, so that all counts are too low. */
  rebuilding: boolean;
  /** By name; those with a definition but no event, too. */
  experiments: ExperimentListItem[];
  /** Where the list goes on: what to ask for as `after`. Null where nothing is left. */
  next: string | null;
}

export interface ExperimentListItem {
  name: string;
  status: ExperimentStatus;
  data: DataState;
  hidden: boolean;
  /** Whether somebody has written a definition. */
  defined: boolean;
  /** When the door received the first and the last counted event; null before the first. */
  firstEvent: string | null;
  lastEvent: string | null;
  /** Visitors with a unit where exposures carry one, else exposures. */
  participants: number;
  participantsAre: ParticipantsAre;
  variants: number;
  goals: number;
  /** Worst first: how often each is given by the experiment's own answer, which has the sentences, of all visitors. */
  warnings: WarningCount[];
  /** Of the first primary goal by the experiment's own method: the variant that says most (a winner, else a loser, …). */
  verdict: ListVerdict | null;
  conclusion: Conclusion;
  decision: Definition['decision'] | null;
}

export interface ListVerdict {
  goal: string;
  variant: string;
  verdict: Verdict;
  /** Relative; null where the data define none yet. */
  lift: number | null;
}

/**
 * What rates, the sample ratio and the planner take for a participant. `units`: visitors with a unit, each one once,
 * however many exposures it has. `exposures`: where they carry no unit, or few do.
 */
export type ParticipantsAre = 'units' | 'exposures';

/** `running` where no definition says otherwise. */
export type ExperimentStatus = 'draft' | 'running' | 'ended';

/** `no data`: nothing received. `no goal`: participants, but no goal event yet. */
export type DataState = 'no data' | 'no goal' | 'counting';

/**
 * `GET /v1/experiment?experiment=&namespace=&segment=&method=&baseline=&goal=`. An unknown experiment is 404, with the names
 * that are near it, unless counters are being rebuilt; a baseline that is no variant is 400.
 */
export interface ExperimentAnswer {
  namespace: string;
  name: string;
  status: ExperimentStatus;
  data: DataState;
  /** The segment that everything here is of, `platform=ios`; null for all visitors. */
  segment: string | null;
  /** Segments that events of this experiment have carried: key -> values. */
  segments: Record<string, string[]>;
  firstEvent: string | null;
  lastEvent: string | null;
  /** Counters were lost that had left the stream by then: the counts are whole since this time only. */
  countedSince: string | null;
  /** Whose counts are in `participants`, `count` and the rates as a starting point; null where all are Mem's own. */
  imported: ImportAnswer | null;
  rebuilding: boolean;
  /** As stored; null without one, or where the stored one cannot be read (then a warning says so). */
  definition: Definition | null;
  /** When the definition was written last. */
  definedAt: string | null;
  /** Null while there is no variant. */
  baseline: string | null;
  method: Method;
  alpha: number;
  correction: Correction;
  /** Of the chosen segment. `expected` is in the order of those variants that are `compared`. */
  sampleRatio: SampleRatio | Undetermined;
  /**
   * Whether this is of a segment, or by another method than the experiment's own: then the goals have figures and no
   * verdict, and each p is corrected for all segments there are.
   */
  exploratory: boolean;
  /** What the list says of it, too, whatever is looked at here. */
  conclusion: Conclusion;
  /** By the experiment's own method, over all visitors: of the first primary goal, the variant that says most. */
  headline: ListVerdict | null;
  participantsAre: ParticipantsAre;
  /** The baseline first, then in the definition's order, then by name. */
  variants: VariantAnswer[];
  /** One for each goal (more where a definition measures one in several ways): primary, secondary, guardrail, other. */
  goals: GoalAnswer[];
  /**
   * Every further way to measure the goals on visitors (`n_`, `pct_`, `sum_`) that `goals` has not, for the forest plot.
   * They are corrected among themselves, and change no verdict of `goals`. Empty where events carry no unit.
   */
  metrics: GoalAnswer[];
  /** What the ingest endpoint could not use in the last one to two weeks, approximately, the most first. */
  leftOut: LeftOutCount[];
  /** Goals beyond those that one answer can hold: each is answered where `goal=` names it. */
  moreGoals: string[];
  /** Worst first. */
  warnings: Warning[];
}

/** The systems whose counters can be taken over. */
export const importSources = ['gimel', 'lamed'] as const;
export type ImportSource = (typeof importSources)[number];

/** See docs/migrating/from-gimel.md. Segments, days, uniques and metrics on visitors have nothing of it. */
export interface ImportAnswer {
  source: ImportSource;
  at: string;
  /** Of all variants. */
  participants: number;
  /** Gimel's counters are: each is off by about 0.8 %. Then the split is not checked. */
  approximate: boolean;
}

export interface VariantAnswer {
  name: string;
  /** The configured weight; null without one. */
  weight: number | null;
  /** Visitors with a unit where exposures carry one, else exposures. */
  participants: number;
  /** Exposure events, the exact count. */
  exposures: number;
  /** Participants expected from the weights; null where there is no sample ratio. */
  expected: number | null;
  /** About how many different units (or uuids); only for all visitors, and where nothing was imported. */
  approximateUniques: number | null;
  /** Visitors with a unit that were first exposed to this variant; null where events carry no unit. */
  units: number | null;
  /** Those of them that were seen in another variant later. */
  crossovers: number | null;
  /** False for a variant that the definition does not name: its counts are shown, but compared with nothing. */
  compared: boolean;
}

/** `other`: counted, but not named by a definition that names goals. Without any such definition all are `primary`. */
export type AnsweredSet = GoalSet | 'other';

export interface GoalAnswer {
  /** Unique in the answer: `conversions:clicked`, `n:clicked`, … */
  id: string;
  /** For people: `clicked` for conversions, else `n_clicked`, `pct_clicked`, `sum_clicked`. */
  label: string;
  /** The event's name. */
  name: string;
  metric: Metric;
  set: AnsweredSet;
  better: Better;
  description: string | null;
  /** False for a goal that the definition names and no event has reached. */
  received: boolean;
  /** In the order of `variants`; one for each that is `compared`. */
  results: GoalResult[];
}

export interface GoalResult {
  variant: string;
  /** Goal events, the exact count (whatever the metric). */
  count: number;
  /** About how many different units (or uuids) reached the goal; only for all visitors, and where nothing was imported. */
  approximateUniques: number | null;
  /** Participants for `conversions`, else visitors with a unit: the n under the rate or mean. */
  units: number;
  /** Who converted: the x of x/n. A visitor with a unit counts once, however often the goal was reached. */
  converted: number;
  /** The rate or mean with its 68 % and 95 % intervals and its standard deviation between visitors. */
  measured: ArmDescription | Undetermined;
  /** Chance to be the best of all, only with method=bayesian. */
  best: Best | null;
  /**
   * With the baseline; null for the baseline itself. `verdict` is the one verdict; `description` (difference and lift
   * with 68 % and 95 % intervals, standard error) draws the forest plot; `evidence` has `sequential` and `fixed`, and
   * the method that was asked for.
   */
  comparison: Comparison | null;
}

export type WarningCode =
  | 'broken_definition'
  | 'rebuilding'
  | 'sample_ratio'
  | 'uneven_split'
  | 'conversions_above_participants'
  | 'repeated_exposures'
  | 'goals_without_exposure'
  | 'mixed_units'
  | 'unknown_variant'
  | 'guessed_baseline'
  | 'left_out'
  | 'lookalike_names'
  | 'broken_counter'
  | 'crossovers'
  | 'silent'
  | 'counted_since'
  | 'imported'
  | 'suspicious_lift'
  | 'under_three_days'
  | 'missing_variant'
  | 'missing_goal'
  | 'outside_dates'
  | 'other_segments';

export interface WarningCount extends Pick<Warning, 'code' | 'severity'> {
  count: number;
}

/** What is wrong, why that may be, and what to do: three sentences for a banner. */
export interface Warning {
  code: WarningCode;
  /** `problem`: the figures cannot be trusted. `caution`: they need care. `note`: good to know. */
  severity: 'problem' | 'caution' | 'note';
  /** What is seen, with its figures. */
  message: string;
  cause: string;
  cure: string;
  /** What it is about, where it is about one or some. */
  variants?: string[];
  goal?: string;
  /** For `sample_ratio` and `uneven_split`. */
  p?: number;
  arms?: { variant: string; observed: number; expected: number }[];
}

/**
 * `GET /v1/series?experiment=&namespace=&goal=&baseline=`: plain counts, of all visitors together. Without `goal=` it is
 * participants alone: cheap enough for a sparkline.
 */
export interface SeriesAnswer {
  namespace: string;
  name: string;
  /** Null where none was asked for. */
  goal: string | null;
  better: Better;
  baseline: string | null;
  alpha: number;
  /** Every UTC day from the first to the last event, also those without any. Each list below has as many entries. */
  days: string[];
  /** The baseline first, as in the experiment's answer; only those that are compared. */
  variants: VariantSeries[];
}

export interface VariantSeries {
  name: string;
  /** Exposures on each day. */
  participants: number[];
  /** On each day; zeros where no goal was asked for. */
  conversions: number[];
  /**
   * Cumulative; null before the first participant, where there are more conversions than participants, and where more than
   * one of a hundred events repeats a visitor's exposure or goal: by day nobody knows who comes or converts again.
   */
  rate: (number | null)[];
  /**
   * Cumulative lift over the baseline with the always-valid band; null for the baseline and before
   * there is enough data. The last one is the interval of the experiment's own verdict by the sequential method (but for
   * the few events that repeat), unless counts were imported: those have no days.
   */
  lift: (Estimate | null)[];
}

/** `PUT /v1/experiment?experiment=&namespace=`, whose body is a Definition: 200 with what is stored now. */
export interface StoredDefinitionAnswer {
  namespace: string;
  name: string;
  definition: Definition;
  definedAt: string;
}

/**
 * `GET /v1/config?namespace=`: what clients need to show variants, for anybody to read. Only what a definition says: the
 * rest is as the code says.
 */
export interface ConfigAnswer {
  namespace: string;
  /** Of two answers the one with the larger number is the later one. */
  version: number;
  experiments: Record<string, ExperimentConfig>;
}

export interface ExperimentConfig extends Pick<
  Definition,
  'coverage' | 'winner' | 'exclusive' | 'targeting' | 'hashVersion' | 'unitVersion'
> {
  /** When the definition was written: exposures name it. */
  definedAt: string;
  /** `running` where it is missing. */
  status?: 'draft' | 'stopped';
  /** Variants -> weights, in any unit. */
  weights?: Record<string, number>;
}

/** `GET /health`: 200, or 503 where something does not answer. Without a key there is `status` alone. */
export interface HealthAnswer {
  status: 'ok' | 'failing';
  redis?: HealthPart;
  tables?: HealthPart;
  rebuilding?: boolean;
  /** When the door received the newest counted event, and how long ago that is; null before the first. */
  newestEvent?: string | null;
  newestEventAgeSeconds?: number | null;
}

export interface HealthPart {
  ok: boolean;
  milliseconds: number;
}

/** `application/problem+json` (RFC 9457): every error. */
export interface Problem {
  type: 'about:blank';
  /** For programs, such as `invalid_definition`. */
  title: string;
  status: number;
  /** For people: what was expected and what came. */
  detail: string;
  /** Each fault of a definition that was refused. */
  errors?: { path: string; message: string }[];
  /** Of an unknown experiment: those of its namespace that somebody may have meant, the nearest first. */
  near?: string[];
}
