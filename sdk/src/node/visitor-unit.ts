import { contextKey } from '../key/context-key.ts';
import { requireIdentity } from '../key/usable-id.ts';
import { hmacNode } from './identify.ts';

export interface UnitSettings {
  /** Default `alephbet`, as of `createExperiments`. */
  readonly namespace?: string;
  /** That of `createExperiments`. */
  readonly keySecret?: string;
}

/**
 * What a visitor is called on the wire in all experiments of a namespace: the `unit` of events that a server sends by
 * itself, of a purchase, say. Not with `unlinkable`, nor in experiments whose `unitVersion` is 1.
 * @param context as it is given to `experiments.for`
 * @throws InvalidContextError where it tells nobody apart
 */
export function visitorUnit(context: object, { namespace = 'alephbet', keySecret = '' }: UnitSettings = {}): string {
  requireIdentity(context);
  return contextKey(hmacNode, keySecret, namespace, context, 2);
}
