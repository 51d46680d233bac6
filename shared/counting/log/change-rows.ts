import { randomUUID } from 'node:crypto';
import type { Deletions } from '../ports.ts';
import { archive, type ArchiveDeps } from './archive.ts';
import { NO_EVENT_LOG, type RowChange, type Rewritten } from './event-log.ts';
import { FIRST_INCARNATION, experimentName } from '../../contract/experiment-id.ts';

/** So many rows of a file are in memory at once. */
const MAX_ROWS = 50_000;

export interface ForgottenVisitor {
  unit: string;
  /** In this one alone, else in all. */
  namespace?: string | undefined;
  experiment?: string | undefined;
}

/** What writing the log up to date needs. */
export type LevelDeps = Omit<ArchiveDeps, 'maxRows' | 'inTurn' | 'onFile' | 'onBehind'>;

/**
 * Puts a random unit in the place of a visitor's in all files, the same in each, so that counts and moments of a rebuild
 * stay what they are. What has been counted is written into files before: later it would be somebody else's.
 * @throws Error where not all could be written
 */
export async function forgetInLog(which: ForgottenVisitor, deps: LevelDeps): Promise<Rewritten> {
  if (deps.log === NO_EVENT_LOG) return { files: 0, rows: 0 };
  const isLevel = await archive(
    {
      ...deps,
      maxRows: MAX_ROWS,
      inTurn: (shards) => shards,
      onFile: () => undefined,
      onBehind: () => undefined,
    },
    () => Infinity,
  );
  if (!isLevel) throw new Error('the event log could not be brought up to date, so nobody is forgotten: try again');
  return deps.log.rewrite(withoutUnit(which, randomUUID()));
}

/** A visitor's goal that names no experiment goes with the visitor alone, not with one experiment of several. */
export function withoutUnit({ unit, namespace, experiment }: ForgottenVisitor, replacement: string): RowChange {
  return (row) => {
    const { event } = row;
    const isMeant =
      event.unit === unit &&
      (namespace === undefined || event.namespace === namespace) &&
      (experiment === undefined || event.experiment === experiment);
    return isMeant ? { ...row, event: { ...event, unit: replacement } } : row;
  };
}

/** Rows of experiments that were deleted count nowhere any more. */
export function withoutDead(incarnations: Awaited<ReturnType<Deletions['readAll']>>): RowChange {
  return (row) => {
    const { event, incarnation, at } = row;
    if (event.experiment === undefined) return row;
    const { number, since } = incarnations.get(experimentName(event.namespace, event.experiment)) ?? FIRST_INCARNATION;
    return incarnation < number || at < since ? undefined : row;
  };
}
