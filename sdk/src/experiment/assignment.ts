/** Why a visitor has a variant. */
export type Reason = 'forced' | 'excluded' | 'cached' | 'targeting' | 'split' | 'disabled' | 'error';

export interface Assignment<V extends string = string> {
  readonly variant: V;
  readonly reason: Reason;
  /** What decided within the reason, for people: `rule 0`, `coverage`, `group`, an error's message. */
  readonly detail?: string | undefined;
  /** Pseudonym of the context in this experiment. */
  readonly key: string;
  /** The visitor's pseudonym on the wire: the key, or the key of before a migration. None if it would not come back. */
  readonly unit?: string | undefined;
  /** Whether exposures and goals are sent. */
  readonly tracked: boolean;
}
