/** An experiment as the stores know it: deleted and begun again, it is another incarnation. */
export interface ExperimentRef {
  namespace: string;
  experiment: string;
  /** 0 at first, one more after each deletion. */
  incarnation: number;
}

/**
 * `namespace:experiment@incarnation`, percent-encoded part by part, so that no name can be confused with another:
 * neither ':' nor '@' is left in an encoded part. It ends Redis keys, and is the member of the set of experiments.
 */
export function experimentId(ref: ExperimentRef): string {
  return `${experimentName(ref.namespace, ref.experiment)}@${ref.incarnation}`;
}

/** `namespace:experiment`, encoded: the experiment through all its incarnations. */
export function experimentName(namespace: string, experiment: string): string {
  return fieldOf(namespace, experiment);
}

/** The other way round; undefined for anything that `experimentId` does not write. */
export function parseExperimentId(id: string): ExperimentRef | undefined {
  const [, namespace, experiment, incarnation] = /^([^:@]*):([^:@]+)@(\d+)$/.exec(id) ?? [];
  if (namespace === undefined || experiment === undefined) return undefined;
  try {
    const ref = { namespace: decodeURIComponent(namespace), experiment: decodeURIComponent(experiment) };
    return { ...ref, incarnation: Number(incarnation) };
  } catch {
    return undefined; // a '%' that encodes nothing
  }
}

/** A field of a counter hash: encoded parts with ':' between. */
export function fieldOf(...parts: string[]): string {
  return parts.map(encodeURIComponent).join(':');
}

export function parseField(field: string): string[] {
  return field.split(':').map(decodeURIComponent);
}

/** A segment as it stands in a field: `platform=ios`. Keys have no '=', so the first one parts them. */
export function segmentLabel(key: string, value: string): string {
  return `${key}=${value}`;
}

/** Where an experiment's present incarnation begins. */
export interface Incarnation {
  /** How often the experiment has been deleted. */
  number: number;
  /** An event received before this time (ms) belongs to no living incarnation. */
  since: number;
}

export const FIRST_INCARNATION: Incarnation = { number: 0, since: 0 };
