/** An `onError` that cannot do harm itself. */
export const quietly =
  (report: (error: unknown) => void) =>
  (error: unknown): void => {
    try {
      report(error);
    } catch {
      // There is nobody left to tell.
    }
  };
