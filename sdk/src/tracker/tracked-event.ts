/** An event as the backend takes it: counted once for each namespace, experiment, variant, event and uuid. */
export interface TrackedEvent {
  readonly namespace: string;
  readonly experiment: string;
  readonly variant: string;
  readonly event: string;
  /** Made once and kept on every resend: this is what makes resending harmless. */
  readonly uuid: string;
  readonly unit?: string | undefined;
  readonly value?: number | undefined;
  readonly segments?: Readonly<Record<string, string>> | undefined;
}

/** The event by which the backend counts who takes part. */
export const exposureEvent = 'participate';
