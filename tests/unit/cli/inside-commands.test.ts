import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import fc from '../../support/fast-check.ts';
import { allowOnlyInside, INSIDE_COMMANDS, pathOf } from '../../../cli/inside-commands.ts';
import { createProgram } from '../../../cli/program.ts';

let ran: string[];
beforeEach(() => {
  ran = [];
});

function commandsOf(command: Command): Command[] {
  return [command, ...command.commands.flatMap(commandsOf)];
}

/** The real program, whose commands only say that they would run. */
function createSilentProgram(): Command {
  const program = allowOnlyInside(createProgram());
  for (const command of commandsOf(program)) {
    command.configureOutput({ writeOut: () => undefined, writeErr: () => undefined });
    const isLeaf = command.commands.length === 0;
    if (isLeaf) command.action(() => void ran.push(pathOf(command)));
  }
  return program;
}

async function run(...args: string[]): Promise<string> {
  try {
    await createSilentProgram().parseAsync(args, { from: 'user' });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('every command that may be run inside is one', () => {
  const paths = commandsOf(createProgram()).map(pathOf);
  expect(INSIDE_COMMANDS.filter((path) => !paths.includes(path))).toEqual([]);
});

describe('inside, the parser says which command runs', () => {
  test.each([
    [['report', 'keys'], 'report'],
    [['generations'], 'generations list'],
    [['experiments', 'delete', 'import'], 'experiments delete'],
    [['--verbose', 'replay', '--dry-run'], 'replay'],
  ])('%j is %s', async (args, path) => {
    expect(await run(...args)).toBe('');
    expect(ran).toEqual([path]);
  });

  test.each([
    [['--region', 'report', 'keys', 'add', '--role', 'admin']],
    [['keys', 'add', '--role', 'admin']],
    [['--region=report', 'keys']],
    [['import', 'gimel', '--redis', 'redis://report:6379']],
    [['import', '--redis', 'redis://report:6379', 'gimel']],
    [['experiments', 'apply', 'report']],
    [['quarantine', '--json']],
  ])('%j is refused', async (args) => {
    expect(await run(...args)).toContain('expected one of report, experiments list');
    expect(ran).toEqual([]);
  });

  test.each([
    ['--stage', 'prod'],
    ['--system', '/proc/self/environ'],
    ['--region', 'eu-central-1'],
  ])('no other system is meant: %s %s', async (option, value) => {
    expect(await run('report', 'x', option, value)).toContain('one system here only');
    expect(ran).toEqual([]);
  });

  test('whatever the order of arguments, nothing else runs', async () => {
    const commands = commandsOf(createProgram());
    const words = commands.map((command) => command.name());
    const options = commands.flatMap((command) => command.options.map(({ long }) => long ?? ''));
    const values = ['admin', 'gimel', 'redis://h:1', 'x', '--', '-', '5', ...words];
    const anyArg = fc.oneof(
      fc.constantFrom(...words),
      fc.constantFrom(...options),
      fc.constantFrom(...values),
      fc.tuple(fc.constantFrom(...options), fc.constantFrom(...values)).map(([option, value]) => `${option}=${value}`),
    );
    const keyLine = fc.shuffledSubarray(['keys', 'add', '--role', 'admin', '--region', 'report', '--json', 'x']);
    await fc.assert(
      fc.asyncProperty(fc.oneof(keyLine, fc.array(anyArg, { maxLength: 7 })), async (args) => {
        ran = [];
        await run(...args);
        expect(ran.filter((path) => !INSIDE_COMMANDS.includes(path))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
