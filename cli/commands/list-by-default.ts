import type { Command } from 'commander';
import { UsageError } from '../outcome.ts';

/** `list` of a group of commands, which the group's name alone means, too. What is no command of the group is refused as such. */
export function addListByDefault(group: Command): Command {
  return group
    .command('list', { isDefault: true })
    .allowExcessArguments()
    .hook('preAction', (_group, { args }) => {
      const names = group.commands.map((command) => command.name()).join(', ');
      if (args.length > 0) {
        throw new UsageError(`mem ${group.name()} has no command ${JSON.stringify(args[0])}; there are ${names}`);
      }
    });
}
