import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { Definition } from '../../../shared/contract/definition.ts';
import { DEFAULT_NAMESPACE } from '../../../shared/contract/event.ts';
import { movesBetween } from '../../../shared/reporting/split.ts';
import { UsageError } from '../../outcome.ts';
import { printable } from '../../output/table.ts';
import { withTables } from '../../stores.ts';

interface Options {
  namespace: string;
  json?: boolean;
}

const NAMESPACE = ['--namespace <name>', 'the namespace of the experiment', DEFAULT_NAMESPACE] as const;

/** `mem experiments ramp|start|stop|ship|log`: what pages and servers do that ask for the config. */
export function addChangeCommands(experiments: Command): void {
  addRamp(experiments);
  addStart(experiments);
  addStop(experiments);
  addShip(experiments);
  addLog(experiments);
}

function addRamp(experiments: Command): void {
  experiments
    .command('ramp <experiment> <share>')
    .description('let a larger or smaller share of all visitors take part')
    .option(...NAMESPACE)
    .addHelpText('after', '\nExample:\n  mem experiments ramp "my test" 50%')
    .action(async (experiment: string, share: string, { namespace }: Options, command: Command) => {
      const coverage = readShare(share);
      await change(command, namespace, experiment, (before) => {
        const after = { ...before, coverage };
        return { after, told: [`is at ${percent(coverage)} now.`, ...tellRamp(before, after)] };
      });
    });
}

/** `50%`, `12.5 %` or `0.5`. */
function readShare(text: string): number {
  const [, digits = '', sign] = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim()) ?? [];
  const share = Number((Number(digits) / (sign === '%' ? 100 : 1)).toPrecision(12));
  if (digits !== '' && share <= 1) return share;
  throw new UsageError(`expected a share such as 50% or 0.5, got ${JSON.stringify(text)}`);
}

function tellRamp(before: Definition, after: Definition): string[] {
  const { coverage = 1 } = after;
  const told = before.coverage === undefined ? ['Until now the code decided how many take part.'] : [];
  if (before.coverage !== undefined && coverage === before.coverage) told.push('It was before: nothing changes.');
  else if (before.coverage === undefined || coverage > before.coverage) {
    const joining = before.coverage === undefined ? '' : ` ${inHundred(coverage - before.coverage)} visitors join.`;
    told.push(`Going up moves nobody from one variant to another.${joining}`);
  }
  if (before.coverage !== undefined && coverage < before.coverage) {
    const outside = (before.coverage - coverage) / before.coverage;
    told.push(
      `No new visitors beyond ${percent(coverage)} take part.`,
      `Of those who have a variant, ${inHundred(outside)} are outside now: they keep it where it is remembered (stickyStore), and see the control and are not counted elsewhere.`,
    );
  }
  return [...told, ...tellStatus(after)];
}

function tellStatus({ status = 'running', winner }: Definition): string[] {
  if (winner !== undefined) {
    return [`Everybody sees ${printable(winner)}, which was shipped: mem experiments start ends that.`];
  }
  if (status === 'running') return [];
  return [`It is ${status === 'draft' ? 'a draft' : 'stopped'}, so nobody takes part before mem experiments start.`];
}

function addStart(experiments: Command): void {
  experiments
    .command('start <experiment>')
    .description('let a draft, or an experiment that was stopped, run')
    .option(...NAMESPACE)
    .addHelpText('after', '\nExample:\n  mem experiments start "my test"')
    .action(async (experiment: string, { namespace }: Options, command: Command) => {
      await change(command, namespace, experiment, ({ winner, ...before }) => ({
        after: { ...before, status: 'running' },
        told: [
          `runs: ${percent(before.coverage ?? 1)} of all visitors take part and are counted.`,
          'Who took part before has the same variant again.',
          ...(winner === undefined
            ? []
            : [`${printable(winner)} is shown to its own share again, no longer to everybody.`]),
        ],
      }));
    });
}

function addStop(experiments: Command): void {
  experiments
    .command('stop <experiment>')
    .description('show everybody the control, and count nobody any more')
    .option(...NAMESPACE)
    .addHelpText('after', '\nExample:\n  mem experiments stop "my test"')
    .action(async (experiment: string, { namespace }: Options, command: Command) => {
      await change(command, namespace, experiment, ({ winner: _, ...before }) => ({
        after: { ...before, status: 'stopped' },
        told: [
          'is stopped: everybody sees the control, also who had another variant, and nobody is counted.',
          'What has been counted stays. mem experiments start lets it run on with the same variants.',
        ],
      }));
    });
}

function addShip(experiments: Command): void {
  experiments
    .command('ship <experiment> <variant>')
    .description('show everybody one variant, and end the experiment with that decision')
    .option(...NAMESPACE)
    .addHelpText('after', '\nExample:\n  mem experiments ship "my test" green')
    .action(async (experiment: string, variant: string, { namespace }: Options, command: Command) => {
      await change(command, namespace, experiment, (before) => {
        const names = before.variants?.map(({ name }) => name) ?? [variant];
        if (!names.includes(variant)) {
          throw new UsageError(`expected one of ${names.map(printable).join(', ')}, got ${JSON.stringify(variant)}`);
        }
        const day = new Date().toISOString().slice(0, 10);
        const decision = before.decision?.variant === variant ? before.decision : { variant, day, by: whoRuns() };
        return {
          after: { ...before, status: 'stopped', winner: variant, decision },
          told: [
            `is decided: everybody sees ${printable(variant)}, also who had another variant or took no part, and nobody is counted.`,
            'Code that does not have this variant shows what it has. Take the others out of the code when you can.',
          ],
        };
      });
    });
}

interface Change {
  after: Definition;
  /** What happens to whom; the first one continues the experiment's name. */
  told: string[];
}

/** @throws Error where there is no definition, or somebody has changed it meanwhile */
async function change(
  command: Command,
  namespace: string,
  experiment: string,
  make: (before: Definition) => Change,
): Promise<void> {
  await withTables(command, async ({ definitions }) => {
    const stored = await definitions.read(namespace, experiment);
    if (!stored?.definition) {
      throw new Error(
        `${JSON.stringify(experiment)} has no definition in the namespace ${JSON.stringify(namespace)} that could be changed: mem experiments lists what there is, mem experiments apply writes one`,
      );
    }
    const { after, told } = make(stored.definition);
    const written = await definitions.write(namespace, experiment, after, stored.writtenAt, whoRuns());
    if (written === undefined) {
      throw new Error(
        `somebody has changed ${JSON.stringify(experiment)} meanwhile: look at it, and run the command again`,
      );
    }
    const [first = '', ...others] = told;
    const lines = [`${printable(experiment)} ${first}`, ...others, FOLLOWS];
    process.stdout.write(`${lines.join('\n')}\n`);
  });
}

const FOLLOWS = 'Pages and servers with fetchConfig follow within a minute, those without go by their code.';

/** Who runs this command, for the log of changes. */
export function whoRuns(): string {
  try {
    return `${userInfo().username} (mem)`;
  } catch {
    return 'mem'; // a user without a name, as in containers
  }
}

/** What new weights do to visitors; nothing where they do nothing. */
export function tellMoves(before: Definition | undefined, after: Definition): string[] {
  const moves = before && movesBetween(before, after);
  if (!moves || moves.had === 0 || moves.moved + moves.left < 1e-9) return [];
  const parts = [
    ...(moves.moved > 0 ? [`${inHundred(moves.moved / moves.had)} change variant`] : []),
    ...(moves.left > 0 ? [`${inHundred(moves.left / moves.had)} see the control and are not counted`] : []),
  ];
  return [`Of visitors who have a variant that nothing remembers (stickyStore), ${parts.join(', ')}.`];
}

function addLog(experiments: Command): void {
  experiments
    .command('log <experiment>')
    .description('show who has changed the definition of an experiment, when, and what')
    .option(...NAMESPACE)
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  mem experiments log "my test"')
    .action(async (experiment: string, { namespace, json }: Options, command: Command) => {
      await withTables(command, async ({ definitions }) => {
        const stored = await definitions.read(namespace, experiment);
        if (!stored) throw new Error(`${experiment} has no definition in the namespace ${namespace || "''"}`);
        const { changes = [] } = stored;
        const lines = changes.map(({ at, by, changed }) => {
          const what = changed.map(({ path, from, to }) => `${path}: ${shown(from)} -> ${shown(to)}`);
          return `${at.slice(0, 19).replace('T', ' ')}  ${printable(by)}  ${printable(what.join('; '))}`;
        });
        process.stdout.write(json ? `${JSON.stringify(changes)}\n` : `${lines.join('\n') || 'no changes are known'}\n`);
      });
    });
}

function shown(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(4))} %`;
}

function inHundred(share: number): string {
  return `${Number((share * 100).toPrecision(3))} of 100`;
}
