const firstDelayMs = 1_000;
const longestDelayMs = 5 * 60_000;

/**
 * How long to wait before the next attempt: doubled at each failure, at random between half and all of it, so that
 * clients which failed together do not come back together. At least what the server asks for, and never for good.
 */
export const backoffMs = (failures: number, random: number, retryAfterMs = 0): number => {
  const delay = Math.min(firstDelayMs * 2 ** (failures - 1), longestDelayMs);
  return Math.min(Math.max(delay * (0.5 + random / 2), retryAfterMs), longestDelayMs);
};
