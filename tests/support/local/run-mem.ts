import { jest } from '@jest/globals';
import { tellFailure } from '../../../cli/outcome.ts';
import { createProgram } from '../../../cli/program.ts';

/** The command `mem` as typed, on the system that the environment names; its own process is this one. */
export async function runMem(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const spies = [
    jest.spyOn(process.stdout, 'write').mockImplementation((text) => stdout.push(String(text)) > 0),
    jest.spyOn(process.stderr, 'write').mockImplementation((text) => stderr.push(String(text)) > 0),
  ];
  process.exitCode = 0;
  try {
    await createProgram().parseAsync(['node', 'mem', ...args]);
  } catch (error) {
    process.exitCode = tellFailure(error, false, { write: (text) => stderr.push(text) });
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  const code = process.exitCode;
  process.exitCode = undefined;
  return { code, stdout: stdout.join(''), stderr: stderr.join('') };
}
