/**
 * In which version everything that is stored is written. A number is raised when a version of Mem begins to write what
 * the one before cannot read; what a stage may hold is in its state table, so that an older version finds out.
 */
export const VERSIONS = {
  /**
   * Stream records. 2: goals that name no experiment; what holds none is still written as 1. Raised, it is a version that
   * older consumers leave in the stream, for a newer one.
   */
  record: 2,
  /** Counters and visitors' records in Redis. Each layout has its keys; 1 is that of version 0.1.0. */
  layout: 2,
  claims: 1,
  /** Items of the state table. */
  state: 1,
  /** Files of the event log. */
  logFile: 1,
} as const;

export type Stored = keyof typeof VERSIONS;
export type StoredVersions = Readonly<Record<Stored, number>>;

/** What stands where a newer version of Mem was, and this one must not go on; `record` and `layout` can wait beside it. */
export function faultOf(stored: StoredVersions): string | undefined {
  const newer = (['claims', 'state'] as const).filter((what) => stored[what] > VERSIONS[what]);
  if (newer.length === 0) return undefined;
  const found = newer.map((what) => `${what} of version ${stored[what]} (this one reads ${VERSIONS[what]})`).join(', ');
  return `a newer version of Mem has written ${found}: deploy that version, or a later one`;
}

/** Said where records of a newer version may be in the stream. */
export function waitingFor({ record }: StoredVersions): string | undefined {
  if (record <= VERSIONS.record) return undefined;
  return `stream records of version ${record} wait for a newer version of Mem, this one reads ${VERSIONS.record}: deploy the newer one again before the stream forgets them`;
}
