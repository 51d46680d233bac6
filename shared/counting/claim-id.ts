import { hash } from 'node:crypto';
import type { TrackedEvent } from '../contract/event.ts';

/**
 * What makes two events the same: 16 bytes of SHA-256 over the parts, each with its length before it, so that parts
 * cannot run together. The goal is one of them: Alephbet's Gimel adapter sends one uuid for all goals of a visitor.
 */
export function claimId(event: TrackedEvent, incarnation: number): Uint8Array {
  const parts = [event.namespace, event.experiment, String(incarnation), event.variant, event.event, event.uuid];
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return hash('sha256', text, 'buffer').subarray(0, 16);
}
