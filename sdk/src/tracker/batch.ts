import type { WaitingEvent } from './outbox.ts';
import { keepaliveBytes } from './post.ts';

export interface Batch {
  readonly events: readonly WaitingEvent[];
  readonly body: string;
}

/** As many events from the beginning as fit into one request, at least one. */
export const cutBatch = (waiting: readonly WaitingEvent[], limit: number): Batch => {
  const encoder = new TextEncoder();
  const texts: string[] = [];
  let bytes = '{"events":[]}'.length;

  for (const { event } of waiting.slice(0, limit)) {
    const text = JSON.stringify(event);
    bytes += encoder.encode(text).length + 1;
    if (texts.length > 0 && bytes > keepaliveBytes) break;
    texts.push(text);
  }
  return { events: waiting.slice(0, texts.length), body: `{"events":[${texts.join(',')}]}` };
};
