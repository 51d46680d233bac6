/**
 * What `work` comes to, or `late` after so many ms. A gateway turns a time-out into an answer of its own. The timer keeps
 * the process alive: where nothing else does, Lambda answers null for a handler, and a gateway makes 200 of it.
 */
export async function answerInTime<T>(work: Promise<T>, ms: number, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bell = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), late);
  });
  try {
    return await Promise.race([work, bell]);
  } finally {
    clearTimeout(timer);
  }
}
