import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

/** MiniStack plays AWS, cfn-lint reads templates. */
const PACKAGES = ['ministack==1.5.33', 'cfn-lint==1.58.0'];

/** That an output, a role or a route is there before what names it is said by the name already: serverless says it twice. */
const KNOWN = 'W3005';

/** Installs what is written in Python once, into a virtual environment of its own. @returns its folder of programs */
export async function installPythonTools(): Promise<string> {
  const folder = resolve(`node_modules/.cache/mem/python-${PACKAGES.join('-')}`);
  const programs = join(folder, 'bin');
  if (existsSync(join(programs, 'cfn-lint'))) return programs;
  await run('python3', ['-m', 'venv', folder]);
  await run(join(programs, 'python'), ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
  return programs;
}

/** @throws Error with what is wrong in the template */
export async function lintTemplate(file: string): Promise<void> {
  const program = join(await installPythonTools(), 'cfn-lint');
  await promisify(execFile)(program, ['--ignore-checks', KNOWN, '--template', file]).catch((error: unknown) => {
    throw new Error(`cfn-lint found in ${file}: ${(error as { stdout?: string }).stdout ?? ''}`, { cause: error });
  });
}

const run = async (program: string, args: string[]): Promise<void> => {
  await promisify(execFile)(program, args).catch((error: unknown) => {
    throw new Error(`the deployment test needs Python 3.10 with venv, and PyPI: ${program} ${args.join(' ')}`, {
      cause: error,
    });
  });
};
