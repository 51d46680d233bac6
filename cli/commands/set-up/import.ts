import { Argument, InvalidArgumentError, type Command } from 'commander';
import { countNoun } from '../../../shared/reporting/warnings/facts.ts';
import { redisUrl } from '../../../shared/runtime/config.ts';
import { importSources, type ImportSource } from '../../../shared/contract/answers.ts';
import type { Imports } from '../../../shared/stores/dynamodb/imports.ts';
import { planImport, type ImportPlan, type PlannedImport } from '../../import/plan-import.ts';
import { openRedis, readInstallation, type ForeignExperiment } from '../../import/read-installation.ts';
import { printable, tableLines } from '../../output/table.ts';
import { withTables } from '../../stores.ts';

interface Options {
  redis: string;
  namespace: string[];
  dryRun?: boolean;
  replace?: boolean;
  json?: boolean;
}

/** `mem import gimel|lamed` */
export function addImportCommand(program: Command): void {
  program
    .command('import')
    .description('import what Gimel or Lamed has counted, as the starting point of the same experiments here')
    .addArgument(new Argument('<system>', 'whose counters they are').choices(importSources))
    .requiredOption('--redis <url>', 'where that system keeps its counters; it is only read', parseRedisUrl)
    .option(
      '--namespace <name>',
      'this one only, and again for others',
      (name: string, names: string[]) => [...names, name],
      [],
    )
    .option('--dry-run', 'show what would be imported, and change nothing')
    .option('--replace', 'also where counts of the other system were imported before')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nImporting again replaces what was imported before, and never adds to it.\n\nExample:\n  mem import gimel --redis redis://:PASSWORD@host:6379/0 --dry-run',
    )
    .action(async (source: ImportSource, options: Options, command: Command) => {
      const found = await readAt(options.redis, source, options.namespace);
      await withTables(command, async (stores) => {
        const plan = await planImport(found, source, options.replace ?? false, stores);
        if (!options.dryRun) await writeAll(plan.imports, options.replace ?? false, stores.imports);
        process.stdout.write(
          options.json ? `${JSON.stringify(toJson(plan, options))}\n` : `${summary(plan, options).join('\n')}\n`,
        );
      });
    });
}

function parseRedisUrl(text: string): string {
  try {
    return redisUrl(text);
  } catch (error) {
    throw new InvalidArgumentError(`${(error as Error).message}.`);
  }
}

async function readAt(url: string, source: ImportSource, namespaces: readonly string[]): Promise<ForeignExperiment[]> {
  const redis = await openRedis(url);
  try {
    return await readInstallation(redis, source, namespaces);
  } finally {
    redis.disconnect();
  }
}

/** @throws Error that says how many are written: the same command again writes them all */
export async function writeAll(
  planned: readonly PlannedImport[],
  replace: boolean,
  imports: Pick<Imports, 'write'>,
): Promise<void> {
  for (const [done, { imported }] of planned.entries()) {
    const so = `${done} of ${planned.length} experiments are imported; begin again, it adds nothing twice`;
    const isWritten = await imports.write(imported, replace).catch((error: unknown) => {
      throw new Error(`${imported.experiment}: ${(error as Error).message}. ${so}`, { cause: error });
    });
    if (!isWritten) throw new Error(`${imported.experiment}: another import has written it meanwhile. ${so}`);
  }
}

function summary({ imports, notes }: ImportPlan, { dryRun }: Options): string[] {
  const header = ['namespace', 'experiment', 'participants', 'counters', ''];
  const rows = imports.map(({ imported: { namespace, experiment, counts }, participants, before }) => [
    printable(namespace) || "''",
    printable(experiment),
    String(participants),
    String(counts.length),
    before === null ? '' : `replaces what was imported ${new Date(before).toISOString()}`,
  ]);
  return [
    ...tableLines([header, ...rows], new Set([2, 3])),
    ...notes.map((note) => `!  ${printable(note)}`),
    dryRun ? 'Nothing is imported: that was a dry run.' : `${countNoun(imports.length, 'experiment')} imported.`,
  ];
}

function toJson({ imports, notes }: ImportPlan, { dryRun = false }: Options) {
  const experiments = imports.map(({ imported: { namespace, experiment, counts }, participants, before }) => ({
    ...{ namespace, experiment, participants, counts },
    replaces: before === null ? null : new Date(before).toISOString(),
  }));
  return { dryRun, experiments, notes };
}
