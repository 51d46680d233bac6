import type { Code } from '../visitors/codes.ts';
import type { Watermarks } from '../counters.ts';
import type { GoalSums } from '../visitors/visitor-record.ts';
import type { RecordUpdate, VisitorStore } from '../visitors/visitor-records.ts';

/** `nothing`: there are no counters of layout 1, or they have been carried over; `unfinished`: somebody else is at it. */
export type CarriedOver = 'nothing' | 'carried' | 'unfinished';

/** What layout 1, of version 0.1.0, keeps of one unit in one experiment. Names are encoded. */
export interface UnitState {
  variant: string;
  crossedOver: boolean;
  segments: readonly string[];
  goals: ReadonlyMap<string, GoalSums>;
}

/** How far a carrying has come. */
export interface Carrying {
  /** The generation of layout 1… */
  from: string;
  /** …and the one that it becomes. */
  to: string;
  /** When it began, ms; all exposures that are carried over have this time. */
  at: number;
  /** Of the old generation, before anything of it was read. */
  watermarks: Watermarks;
  /** Ids of experiments that are carried over, but for what has happened since. */
  done: ReadonlySet<string>;
  /** How far the experiment in work has come: see LayoutOne.scanUnits. */
  reached: ReadonlyMap<string, string>;
}

/** One who carries: everything it writes is refused as soon as somebody else has the lock. */
export interface Carrier {
  /** Takes the lock again. */
  renew: () => Promise<void>;
  begin: (carrying: Omit<Carrying, 'done' | 'reached'>) => Promise<void>;
  done: (id: string) => Promise<void>;
  reached: (id: string, place: string) => Promise<void>;
  /** Copies the counters of an experiment. */
  copyCounters: (carrying: Carrying, id: string) => Promise<void>;
  /** What counts for all experiments. */
  copyLists: (carrying: Carrying) => Promise<void>;
  writeCodes: (generation: string, of: string, codes: ReadonlyMap<Code, string>) => Promise<void>;
  /** @returns whether each was replaced */
  replace: (generation: string, updates: readonly RecordUpdate[]) => Promise<boolean[]>;
  /** Makes deliveries wait for half a minute, those of 0.1.0 as well. */
  hold: () => Promise<void>;
  serve: (carrying: Carrying, watermarks: Watermarks) => Promise<'served' | 'moved' | 'overtaken'>;
  /** Forgets how far it has come. */
  giveUp: () => Promise<void>;
  /** Ends lock and hold. */
  release: () => Promise<void>;
}

/** The counters of layout 1, which stay as they are, and how they are carried over into this layout. */
export interface LayoutOne {
  /** The generation that 0.1.0 serves; undefined where there is none. */
  readPointer: () => Promise<string | undefined>;
  readWatermarks: (generation: string) => Promise<Watermarks>;
  experiments: (generation: string) => Promise<string[]>;
  /**
   * All units of an experiment, page by page.
   * @param from the `next` of a page, to go on behind it; one of another process of Redis begins at the beginning
   */
  scanUnits: (
    generation: string,
    id: string,
    from?: string,
  ) => AsyncIterable<{ units: ReadonlyMap<string, UnitState>; next: string }>;
  readUnits: (
    generation: string,
    id: string,
    units: readonly string[],
  ) => Promise<ReadonlyMap<string, UnitState | undefined>>;
  readCarrying: () => Promise<Carrying | undefined>;
  /** Undefined where somebody else carries. */
  lock: () => Promise<Carrier | undefined>;
  visitors: VisitorStore;
}

/** Somebody else has taken the lock: what this one had to write is not written. */
export class LostLock extends Error {
  override name = 'LostLock';
}
