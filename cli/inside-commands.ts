import type { Command } from 'commander';
import { UsageError } from './outcome.ts';

/**
 * Commands that read Redis: they may be run inside a stage's network. The others are run where they are typed, with the
 * rights of whoever types them. What they touch in the state table is what the role in deploy/resources/roles.yml allows.
 */
export const INSIDE_COMMANDS: readonly string[] = [
  'report',
  'experiments list',
  'experiments delete',
  'log verify',
  'namespaces',
  'generations list',
  'generations remove',
  'redis show',
  'redis take',
  'replay',
  'status',
  'verify',
  'visitors forget',
];

/** Options that say which system: inside there is only one, and no file is read there. */
const WHICH_SYSTEM = ['stage', 'region', 'system'];

/** A command with those above it, as it is typed: `keys add`. */
export function pathOf(command: Command): string {
  const { parent } = command;
  return parent?.parent ? `${pathOf(parent)} ${command.name()}` : command.name();
}

/**
 * Makes a program run nothing but what may be run inside. Which command that is, its own parser says: the order of
 * arguments, and names that are values of options, make no difference.
 */
export function allowOnlyInside(program: Command, allowed: readonly string[] = INSIDE_COMMANDS): Command {
  return program.hook('preAction', (_program, command) => {
    const path = pathOf(command);
    if (!allowed.includes(path)) {
      throw new UsageError(`expected one of ${allowed.join(', ')}, got ${JSON.stringify(path)}`);
    }
    const given = WHICH_SYSTEM.find(
      (option) => command.optsWithGlobals<Record<string, unknown>>()[option] !== undefined,
    );
    if (given !== undefined) throw new UsageError(`--${given}: there is one system here only`);
  });
}
