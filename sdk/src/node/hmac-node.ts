import { createHmac } from 'node:crypto';
import type { Hmac } from '../hash/hmac.ts';

/** The same HMAC-SHA-256, some ten times as fast. */
export const hmacNode: Hmac = (secret, message) => createHmac('sha256', secret).update(message).digest('hex');
