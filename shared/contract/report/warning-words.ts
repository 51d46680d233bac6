import type { WarningCode } from '../answers.ts';

/** A warning where there is no room for its sentences. */
export const warningWords: Record<WarningCode, string> = {
  broken_definition: 'The definition cannot be read',
  rebuilding: 'The counters are being counted again',
  sample_ratio: 'The split is not as configured',
  uneven_split: 'The split is not even',
  conversions_above_participants: 'More conversions than participants',
  repeated_exposures: 'Exposures that repeat',
  goals_without_exposure: 'Goals of visitors without an exposure',
  mixed_units: 'Some participants carry no unit',
  unknown_variant: 'A variant that the definition does not name',
  guessed_baseline: 'The baseline is a guess',
  left_out: 'Events that could not be used',
  lookalike_names: 'Names that look the same',
  broken_counter: 'A counter is damaged',
  crossovers: 'Visitors in more than one variant',
  silent: 'Nothing received lately',
  counted_since: 'Earlier counts were lost',
  imported: 'Begins with imported counts',
  suspicious_lift: 'A lift too large to be likely',
  under_three_days: 'Fewer than three days of data',
  missing_variant: 'A variant without participants',
  missing_goal: 'A goal that was never received',
  outside_dates: 'Events outside the planned dates',
  other_segments: 'More segments than the limit',
};
