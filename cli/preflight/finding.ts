import { reasonOf } from '../outcome.ts';
import { printable } from '../output/table.ts';
import { paint } from '../output/terminal.ts';

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

/** What all checks have found. */
export interface Preflight {
  /** What was looked at, as it reads in a sentence. */
  of: string;
  findings: Finding[];
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

const MARKS: Record<Status, { mark: string; style: 'green' | 'yellow' | 'red' | 'dim' }> = {
  ok: { mark: 'ok     ', style: 'green' },
  warning: { mark: 'warning', style: 'yellow' },
  problem: { mark: 'problem', style: 'red' },
  skipped: { mark: 'skipped', style: 'dim' },
};

/** What preflight has found, a line for each check and one for what to do. */
export function preflightLines({ of, findings }: Preflight, stream: NodeJS.WriteStream = process.stdout): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.flatMap(({ check, status, found, advice }) => [
    `  ${paint(MARKS[status].style, MARKS[status].mark, stream)}  ${check.padEnd(width)}  ${oneLine(found)}`,
    ...(advice === undefined ? [] : [`           ${' '.repeat(width)}  -> ${oneLine(advice)}`]),
  ]);
  return [`Preflight for ${of}:`, ...lines, summary(findings)];
}

/** What AWS and Redis say may have several lines, or worse. */
function oneLine(text: string): string {
  return printable(text.replace(/\s+/g, ' '));
}

function summary(findings: readonly Finding[]): string {
  const count = (status: Status) => findings.filter((finding) => finding.status === status).length;
  const [problems, warnings, skipped] = [count('problem'), count('warning'), count('skipped')];
  if (problems + warnings + skipped === 0) return 'No problems.';
  return `${[plural(problems, 'problem'), plural(warnings, 'warning'), `${skipped} skipped`].join(', ')}.`;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function hasProblem({ findings }: Preflight): boolean {
  return findings.some(({ status }) => status === 'problem');
}
