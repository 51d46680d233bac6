import { InvalidArgumentError, type Command } from 'commander';
import type { SimulatedGoal, SimulatedSegment, SimulatedVariant } from './simulate/plan.ts';
import { UsageError } from './outcome.ts';

export function parseExperiment(text: string): string {
  if (text === '') throw new InvalidArgumentError('expected a name.');
  return text;
}

/** `control:2,blue:1`; a weight is 1 unless given. */
export function parseVariants(text: string): SimulatedVariant[] {
  return text.split(',').map(parseWeighted);
}

/** `clicked=0.1,0.12` or, with what it is worth on average, `bought=0.02@30`; several by repeating the option. */
export function parseGoal(text: string, before: SimulatedGoal[] = []): SimulatedGoal[] {
  const [, name, rates = '', value] = /^([^=]+)=([\d.,]+)(?:@([\d.]+))?$/.exec(text) ?? [];
  if (name === undefined) throw new InvalidArgumentError('expected a goal such as clicked=0.1,0.12 or bought=0.02@30.');
  return [
    ...before,
    { name, rates: rates.split(',').map(parseShare), ...(value !== undefined && { value: Number(value) }) },
  ];
}

/** `platform=ios:3,web:7`; several by repeating the option. */
export function parseSegment(text: string, before: SimulatedSegment[] = []): SimulatedSegment[] {
  const [, key, values = ''] = /^([A-Za-z0-9_.-]{1,32})=(.+)$/.exec(text) ?? [];
  if (key === undefined) throw new InvalidArgumentError('expected a segment such as platform=ios:3,web:7.');
  return [...before, { key, values: values.split(',').map(parseWeighted) }];
}

export function parseShare(text: string): number {
  const share = Number(text);
  if (text === '' || !(share >= 0 && share <= 1)) throw new InvalidArgumentError('expected a number from 0 to 1.');
  return share;
}

export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > 10_000_000) {
    throw new InvalidArgumentError('expected a whole number up to 10,000,000.');
  }
  return count;
}

export function parseUrl(text: string): string {
  if (!/^https?:/.test(text) || !URL.canParse(text)) {
    throw new InvalidArgumentError('expected a URL such as http://127.0.0.1:3000.');
  }
  return text;
}

function parseWeighted(text: string): { name: string; weight: number } {
  const [, name = '', weight = '1'] = /^(.+?)(?::([\d.]+))?$/.exec(text) ?? [];
  if (name === '' || !(Number(weight) > 0)) {
    throw new InvalidArgumentError('expected names with weights such as control:2,blue:1.');
  }
  return { name, weight: Number(weight) };
}

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
