import type { Command } from 'commander';
import { countNoun } from '../../../shared/reporting/warnings/facts.ts';
import { printable } from '../../output/table.ts';
import { forgetInLog } from '../../../shared/counting/log/change-rows.ts';
import { withStores } from '../../stores.ts';

interface Options {
  namespace?: string;
  experiment?: string;
  json?: boolean;
}

/** `mem visitors forget` */
export function addVisitorsCommand(program: Command): void {
  const visitors = program
    .command('visitors')
    .description('delete what is stored about a visitor')
    .addHelpText('after', '\nExample:\n  mem visitors forget visitor-7');

  visitors
    .command('forget <unit>')
    .description(
      'remove a visitor from every generation and from the event log; counts stay, and cannot be traced to anybody',
    )
    .option('--namespace <name>', 'in this namespace only')
    .option('--experiment <name>', 'in this experiment only')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  mem visitors forget visitor-7\n  mem visitors forget visitor-7 --namespace shop --experiment checkout',
    )
    .action(async (unit: string, { namespace, experiment, json }: Options, command: Command) => {
      await withStores(command, async (stores) => {
        const { counterReader, generationStore } = stores;
        const logged = await forgetInLog({ unit, namespace, experiment }, stores);
        const removed: { generation: string; namespace: string; experiment: string }[] = [];
        for (const generation of await generationStore.list()) {
          const refs = (await counterReader.experiments(generation)).filter(
            (ref) =>
              ref.namespace === (namespace ?? ref.namespace) && ref.experiment === (experiment ?? ref.experiment),
          );
          const found = await counterReader.forgetUnit(generation, refs, unit);
          removed.push(...found.map((ref) => ({ generation, namespace: ref.namespace, experiment: ref.experiment })));
        }
        if (json) process.stdout.write(`${JSON.stringify(removed)}\n`);
        else if (removed.length + logged.rows === 0) process.stdout.write(`${printable(unit)} is not known.\n`);
        else {
          const where = removed.map((one) => printable(`${one.experiment} (${one.generation})`)).join(', ');
          const rows = logged.rows === 0 ? '' : ` and from ${countNoun(logged.rows, 'row')} of the event log`;
          process.stdout.write(
            `${printable(unit)} is removed from ${countNoun(removed.length, 'experiment')}${where && `: ${where}`}${rows}.\n`,
          );
        }
      });
    });
}
