import { hash } from 'node:crypto';
import type { EventLimits } from '../../shared/contract/limits.ts';

/**
 * Adds events to a tally that every instance of the function shares.
 * @param name of the tally, among those of its window
 * @param windowEnds ms since 1970: after that nobody asks for it
 * @returns what it holds then
 */
export type AddToTally = (name: string, events: number, windowEnds: number) => Promise<number>;

type RateLimits = Pick<EventLimits, 'perSecond' | 'perSecondByAddress'>;

export interface EventLimiter {
  /** How long a source has to wait, whole seconds; undefined where its events may come. */
  secondsToWait: (address: string) => number | undefined;
  /** Counts events that were let through. Never rejects. */
  count: (address: string, events: number) => Promise<void>;
}

/** As far as one instance knows. */
interface Tally {
  /** Events of all instances, when they were asked for last. */
  shared: number;
  /** Events of this one since then. */
  own: number;
}

/** A burst may take what so many seconds allow. */
const WINDOW_SECONDS = 10;
const WINDOW_MS = WINDOW_SECONDS * 1_000;

/** Of a window's events: what an instance keeps to itself before it tells the others. */
const TOLD_FROM = 0.01;

/** So many tallies are kept for all addresses there are: two that share one share its bound, for one window. */
const ADDRESS_TALLIES = 4_096;

const ALL = 'all';

/**
 * Bounds the events that are let through in each window of ten seconds, of all instances together. They share tallies,
 * and tell them only of hundreds of events at once: a site far below its bound never asks. Where tallies cannot be
 * reached, each instance goes by what it has seen itself, since a limit is there to bound a bill and not to lose events.
 * @param limits 0 for no bound
 * @param now ms since 1970
 */
export function createEventLimiter(limits: RateLimits, addToTally: AddToTally, now: () => number): EventLimiter {
  let window = 0;
  let tallies = new Map<string, Tally>();

  function tallyOf(name: string): Tally {
    const tally = tallies.get(name) ?? { shared: 0, own: 0 };
    tallies.set(name, tally);
    return tally;
  }

  /** The tallies that a source counts in, and what each may hold. */
  function boundsOf(address: string): { name: string; most: number }[] {
    const current = Math.floor(now() / WINDOW_MS);
    if (current !== window) tallies = new Map();
    window = current;
    const bounds = [
      { name: ALL, most: limits.perSecond * WINDOW_SECONDS },
      { name: addressName(address, window), most: limits.perSecondByAddress * WINDOW_SECONDS },
    ];
    return bounds.filter(({ most }) => most > 0);
  }

  async function count(name: string, most: number, events: number): Promise<void> {
    const tally = tallyOf(name);
    tally.own += events;
    if (tally.own < TOLD_FROM * most) return;
    const told = tally.own;
    tally.shared += told;
    tally.own = 0;
    const total = await addToTally(name, told, (window + 1) * WINDOW_MS).catch(() => 0);
    tally.shared = Math.max(tally.shared, total);
  }

  return {
    secondsToWait(address) {
      const isOver = ({ name, most }: { name: string; most: number }) => {
        const { shared, own } = tallyOf(name);
        return shared + own >= most;
      };
      if (!boundsOf(address).some(isOver)) return undefined;
      return Math.ceil(((window + 1) * WINDOW_MS - now()) / 1_000);
    },

    async count(address, events) {
      await Promise.all(boundsOf(address).map(({ name, most }) => count(name, most, events)));
    },
  };
}

/** Nothing that an address could be told from: the number of its tally, which is another one in each window. */
function addressName(address: string, window: number): string {
  const digest = hash('sha256', `${window} ${networkOf(address)}`, 'buffer');
  return `address ${digest.readUInt32BE(0) % ADDRESS_TALLIES}`;
}

/** Whoever has one IPv6 address has all of its /64: its first four groups. */
export function networkOf(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const [first, last] = [head, tail ?? ''].map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = tail === undefined ? 0 : 8 - (first?.length ?? 0) - (last?.length ?? 0);
  return [...(first ?? []), ...Array.from({ length: zeros }, () => '0'), ...(last ?? [])].slice(0, 4).join(':');
}
