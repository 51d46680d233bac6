import { DomainError, requireCount } from './domain';

/** So many of so many: at least one participant, and no more conversions than participants. */
export interface Proportion {
  readonly conversions: number;
  readonly participants: number;
}

/** The share that converted. Anything that is not a proportion is a DomainError. */
export function rateOf({ conversions, participants }: Proportion): number {
  requireCount('conversions', conversions);
  requireCount('participants', participants);
  if (participants === 0) throw new DomainError('participants', 'at least 1', participants);
  if (conversions > participants) throw new DomainError('conversions', `at most ${participants}`, conversions);
  return conversions / participants;
}
