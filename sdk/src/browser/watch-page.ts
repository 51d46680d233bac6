import type { Tracker } from '../tracker/tracker.ts';

/** Sends what waits when the page may be about to go, and when the network is back. */
export const watchPage = ({ flush, leave }: Pick<Tracker, 'flush' | 'leave'>): void => {
  addEventListener('pagehide', leave);
  addEventListener('online', () => void flush());
  document.addEventListener('visibilitychange', () => {
    // Phones end hidden pages without another word: this may be the last chance.
    if (document.visibilityState === 'hidden') leave();
  });
};
