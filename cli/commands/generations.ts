import type { Command } from 'commander';
import { withStores } from '../with-stores.ts';
import { addListByDefault } from './list-by-default.ts';

/** `mem generations list|remove` */
export function addGenerationsCommand(program: Command): void {
  const generations = program
    .command('generations')
    .description('list the generations of counters, or free one')
    .addHelpText('after', '\nExamples:\n  mem generations\n  mem generations remove g3');

  addListByDefault(generations)
    .description('show which generations hold counters, and which is served')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  mem generations\n  mem generations list --json')
    .action(async (options: { json?: boolean }, command: Command) => {
      await withStores(command, async (stores) => {
        const served = await stores.counters.readPointer();
        const names = (await stores.generationStore.list()).sort((a, b) => Number(a.slice(1)) - Number(b.slice(1)));
        const rows = await Promise.all(
          names.map(async (generation) => ({
            generation,
            served: generation === served,
            experiments: (await stores.counterReader.experiments(generation)).length,
          })),
        );
        const lines = rows.map((row) => `${row.served ? '*' : ' '} ${row.generation}  ${row.experiments} experiments`);
        process.stdout.write(
          options.json ? `${JSON.stringify(rows)}\n` : `${lines.join('\n') || 'nothing counted yet'}\n`,
        );
      });
    });

  generations
    .command('remove <generation>')
    .description('free the memory of a generation that is not served')
    .addHelpText('after', '\nExample:\n  mem generations remove g3')
    .action(async (generation: string, _options: unknown, command: Command) => {
      await withStores(command, async (stores) => {
        const known = await stores.generationStore.list();
        if (!known.includes(generation)) {
          throw new Error(`${generation}: expected one of ${known.join(', ') || 'none'}`);
        }
        await stores.generationStore.remove(generation);
        process.stdout.write(`${generation} is gone.\n`);
      });
    });
}
