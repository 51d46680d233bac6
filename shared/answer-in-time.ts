/** What `work` comes to, or `late` after so many ms. A gateway turns a time-out into an answer of its own. */
export async function answerInTime<T>(work: Promise<T>, ms: number, late: T): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const bell = new Promise<T>((resolve) => {
    timer = setTimeout(resolve, Math.max(0, ms), late).unref();
  });
  try {
    return await Promise.race([work, bell]);
  } finally {
    clearTimeout(timer);
  }
}
