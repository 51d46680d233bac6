import { reasonOf } from '../outcome.ts';

/** `skipped`: it could not be found out, and `found` says why. */
export type Status = 'ok' | 'warning' | 'problem' | 'skipped';

/** What one check has found. */
export interface Finding {
  check: string;
  status: Status;
  found: string;
  /** What to do. */
  advice?: string;
}

/** One thing to look at; what it needs from outside is given to it before. */
export interface Check {
  name: string;
  look: () => Promise<Omit<Finding, 'check'>> | Omit<Finding, 'check'>;
}

/** Carries all checks out at once. One that fails says why, and stops no other. */
export async function runChecks(checks: readonly Check[]): Promise<Finding[]> {
  return Promise.all(
    checks.map(async ({ name, look }) => {
      try {
        return { check: name, ...(await look()) };
      } catch (error) {
        return { check: name, status: 'skipped' as const, found: `could not be found out: ${reasonOf(error)}` };
      }
    }),
  );
}
