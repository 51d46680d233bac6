/** What `start` resolves to, begun at the first call and kept; one that failed is begun again at the next call. */
export function startOnce<T>(start: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => {
    started ??= start();
    return started.catch((error: unknown) => {
      started = undefined;
      throw error;
    });
  };
}
