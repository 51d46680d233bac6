/** What AWS allows the readers of a shard, all together: https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
const READS_A_SECOND = 5;
const BYTES_A_SECOND = 2_000_000;
const ITERATOR_MS = 5 * 60_000;

const SECOND_MS = 1_000;

export type Refusal = 'ProvisionedThroughputExceededException' | 'ExpiredIteratorException';

/** Watches who reads a shard how fast. Iterators are the only thing in a read that says which shard it is of. */
export class ShardLimits {
  readonly #iterators = new Map<string, { shard: string; given: number }>();
  readonly #reads = new Map<string, number[]>();
  /** When a shard has given what was read of it: a page of 10 MB takes five seconds. */
  readonly #busyUntil = new Map<string, number>();

  /** @param iteratorMs how long an iterator holds */
  constructor(
    private readonly now: () => number = Date.now,
    private readonly iteratorMs: number = ITERATOR_MS,
  ) {}

  given(iterator: string, shard: string): void {
    this.#iterators.set(iterator, { shard, given: this.now() });
  }

  shardOf(iterator: string): string | undefined {
    return this.#iterators.get(iterator)?.shard;
  }

  /** Notes a read, unless it is refused. */
  refusalOf(iterator: string): Refusal | undefined {
    const known = this.#iterators.get(iterator);
    const now = this.now();
    if (!known || now - known.given > this.iteratorMs) return 'ExpiredIteratorException';
    const reads = (this.#reads.get(known.shard) ?? []).filter((at) => now - at < SECOND_MS);
    if (reads.length >= READS_A_SECOND || (this.#busyUntil.get(known.shard) ?? 0) > now) {
      return 'ProvisionedThroughputExceededException';
    }
    this.#reads.set(known.shard, [...reads, now]);
    return undefined;
  }

  /** What a read has given: the next one has to wait until a shard could have given so much. */
  gave(shard: string, bytes: number): void {
    const begins = Math.max(this.now(), this.#busyUntil.get(shard) ?? 0);
    this.#busyUntil.set(shard, begins + Math.max(0, bytes / BYTES_A_SECOND - 1) * SECOND_MS);
  }
}
