/**
 * What somebody else's work gives, a store's, a rollout's or the network's: it must not take for ever, and goes on by
 * itself where it does.
 * @throws Error where it takes longer
 */
export async function inTime<T>(work: T | PromiseLike<T>, timeoutMs: number): Promise<T> {
  if (typeof (work as PromiseLike<T> | null | undefined)?.then !== 'function') return work;

  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Expected an answer within ${timeoutMs} ms, got none.`)), timeoutMs);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
