import { Option, type Command } from 'commander';
import { stringify } from 'yaml';
import { listCsv } from '../../../shared/reporting/formats/csv.ts';
import { forgetExperiments } from '../../../shared/reporting/delete-experiment.ts';
import { listExperiments } from '../../../shared/reporting/list.ts';
import { incarnationOf, sortedNames } from '../../../shared/reporting/living-experiments.ts';
import type { AllStores } from '../../../shared/stores/connect.ts';
import type { ExperimentListItem } from '../../../shared/contract/answers.ts';
import { DEFAULT_NAMESPACE } from '../../../shared/contract/event.ts';
import { readDefinitionsFile, type DefinitionEntry } from '../../definitions-file.ts';
import { UsageError } from '../../outcome.ts';
import { printable, signedPercent, tableLines } from '../../output/table.ts';
import { answerKnown, isRebuilding, REBUILDING, reportDeps, withStores, withTables } from '../../stores.ts';
import { addListByDefault } from '../../arguments.ts';
import { addChangeCommands, tellMoves, whoRuns } from './change-experiments.ts';

interface Options {
  namespace: string;
  json?: boolean;
  csv?: boolean;
  all?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  matching?: string;
}

const NAMESPACE = ['--namespace <name>', 'the namespace of the experiments', DEFAULT_NAMESPACE] as const;

/** `mem experiments list|show|apply|delete`, and what changes a running one */
export function addExperimentsCommand(program: Command): void {
  const experiments = program
    .command('experiments')
    .description('list experiments, and look after their definitions')
    .addHelpText(
      'after',
      '\nExamples:\n  mem experiments\n  mem experiments show "my test"\n  mem experiments apply experiments.yaml --dry-run',
    );
  addList(experiments);
  addShow(experiments);
  addApply(experiments);
  addDelete(experiments);
  addChangeCommands(experiments);
}

function addList(experiments: Command): void {
  addListByDefault(experiments)
    .description('show all experiments with their verdicts and warnings')
    .option(...NAMESPACE)
    .option('--all', 'hidden ones, too')
    .addOption(new Option('--json', 'print as JSON').conflicts('csv'))
    .option('--csv', 'print as CSV')
    .addHelpText('after', '\nExamples:\n  mem experiments\n  mem experiments list --namespace shop --csv')
    .action(async ({ namespace, all, json, csv }: Options, command: Command) => {
      await withStores(command, async (stores) => {
        const answer = await listExperiments(namespace, reportDeps(stores));
        const shown = all ? answer.experiments : answer.experiments.filter(({ hidden }) => !hidden);
        if (json) process.stdout.write(`${JSON.stringify({ ...answer, experiments: shown })}\n`);
        else if (csv) process.stdout.write(listCsv({ ...answer, experiments: shown }));
        else process.stdout.write(`${listLines(shown, answer.rebuilding).join('\n')}\n`);
        if (answer.rebuilding) process.stderr.write(`mem: ${REBUILDING}\n`);
      });
    });
}

function listLines(experiments: readonly ExperimentListItem[], rebuilding: boolean): string[] {
  if (experiments.length === 0) {
    return [rebuilding ? 'no counters at this moment' : 'nothing received and nothing defined yet'];
  }
  const header = ['experiment', 'status', 'participants', 'conclusion', 'verdict', 'lift', 'warnings'];
  const rows = experiments.map(({ name, status, data, participants, conclusion, verdict, warnings }) => [
    printable(name),
    data === 'no data' ? `${status}, ${data}` : status,
    String(participants),
    printable(conclusion.title),
    verdict ? `${verdict.verdict.kind} (${printable(verdict.variant)}, ${printable(verdict.goal)})` : '',
    verdict?.lift === null || verdict === null ? '' : signedPercent(verdict.lift),
    warnings.map(({ code }) => code).join(' '),
  ]);
  return tableLines([header, ...rows], new Set([2, 5]));
}

function addShow(experiments: Command): void {
  experiments
    .command('show <experiment>')
    .description('print the definition of an experiment, as it could be applied')
    .option(...NAMESPACE)
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  mem experiments show "my test" > experiments.yaml')
    .action(async (experiment: string, { namespace, json }: Options, command: Command) => {
      await withTables(command, async ({ definitions }) => {
        const stored = await definitions.read(namespace, experiment);
        if (!stored) throw new Error(`${experiment} has no definition in the namespace ${namespace || "''"}`);
        for (const { path, message } of stored.faults) process.stderr.write(`left out: ${path}: ${message}\n`);
        const entry = { namespace, name: experiment, ...stored.definition };
        process.stdout.write(json ? `${JSON.stringify(entry)}\n` : stringify({ experiments: [entry] }));
      });
    });
}

function addApply(experiments: Command): void {
  experiments
    .command('apply <file>')
    .description('write the definitions of a YAML or JSON file: all of them, or none where one is wrong')
    .option('--dry-run', 'check the file, and change nothing')
    .option('--json', 'print what is written as JSON')
    .addHelpText('after', EXAMPLE)
    .action(async (file: string, { dryRun, json }: Options, command: Command) => {
      const entries = readDefinitionsFile(file);
      const say = ({ namespace, name }: DefinitionEntry, what: string) =>
        process.stdout.write(
          json ? `${JSON.stringify({ namespace, name, written: !dryRun })}\n` : `${printable(name)} ${what}\n`,
        );
      if (dryRun) {
        for (const entry of entries) say(entry, 'is right.');
        return;
      }
      await withTables(command, async ({ definitions }) => {
        for (const entry of entries) {
          const before = json ? undefined : await definitions.read(entry.namespace, entry.name);
          await definitions.write(entry.namespace, entry.name, entry.definition, undefined, whoRuns());
          say(entry, ['is written.', ...tellMoves(before?.definition, entry.definition)].join(' '));
        }
      });
    });
}

const EXAMPLE = `
Examples:
  mem experiments apply experiments.yaml --dry-run
  mem experiments apply experiments.json

Example of a file:
  experiments:
    - name: button
      hypothesis: a blue button is clicked more often
      baseline: control
      variants: [{ name: control, weight: 1 }, { name: blue, weight: 1 }]
      goals:
        primary: [{ name: clicked, metric: pct }]
        guardrail: [{ name: returned, better: lower }]`;

function addDelete(experiments: Command): void {
  experiments
    .command('delete [experiments...]')
    .description('delete experiments: their counts and their definitions')
    .option(...NAMESPACE)
    .option('--matching <pattern>', 'all whose name is like this; * stands for any text')
    .option('--yes', 'confirm')
    .addHelpText(
      'after',
      '\nExamples:\n  mem experiments delete "my test" --yes\n  mem experiments delete --namespace flood --matching "*"',
    )
    .action(async (named: string[], { namespace, matching, yes }: Options, command: Command) => {
      if ((named.length === 0) === (matching === undefined)) {
        throw new UsageError('expected names of experiments, or --matching with a pattern such as "made-up-*"');
      }
      if (!yes && matching === undefined) {
        throw new UsageError(`this deletes all counts of ${named.join(', ')}: confirm with --yes`);
      }
      await withStores(command, async (stores) => {
        const found = matching === undefined ? named : await findMatching(namespace, matching, stores);
        if (!yes) throw new UsageError(confirmation(found));
        // What is being rebuilt may be of it: the mark of its deletion holds for that, too.
        const isKnown = matching !== undefined || (await isRebuilding(stores));
        if (!isKnown) for (const experiment of found) await answerKnown(namespace, experiment, stores);
        await forgetExperiments(namespace, found, reportDeps(stores));
        for (const experiment of found) {
          process.stdout.write(`${printable(experiment)} is deleted; later events begin it anew.\n`);
        }
      });
    });
}

/** @throws Error where there is none */
async function findMatching(namespace: string, pattern: string, stores: AllStores): Promise<string[]> {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const like = new RegExp(`^${pattern.split('*').map(literal).join('[^]*')}$`, 'u');
  const { experiments } = await listExperiments(namespace, reportDeps(stores));
  const found = experiments.map(({ name }) => name).filter((name) => like.test(name));
  if (found.length > 0) return found;
  throw new Error(`no experiment of the namespace ${JSON.stringify(namespace)} is like ${JSON.stringify(pattern)}`);
}

const SHOWN_NAMES = 20;

function confirmation(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN_NAMES).map((name) => `  ${printable(name)}`);
  const more = names.length > SHOWN_NAMES ? [`  … and ${names.length - SHOWN_NAMES} more`] : [];
  return [`this deletes all counts of ${names.length} experiments: confirm with --yes`, ...shown, ...more].join('\n');
}

/** `mem namespaces` */
export function addNamespacesCommand(program: Command): void {
  program
    .command('namespaces')
    .description('list the namespaces: how many experiments are counted and defined in each')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  mem namespaces\n  mem namespaces --stage prod --json')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      await withStores(command, async (stores) => {
        const namespaces = await listNamespaces(stores);
        const rows = namespaces.map(({ namespace, counted, defined }) => [
          printable(namespace),
          `${counted}`,
          `${defined}`,
        ]);
        const table = tableLines([['namespace', 'counted', 'defined'], ...rows], new Set([1, 2]));
        const none = 'nothing received and nothing defined yet';
        process.stdout.write(
          json ? `${JSON.stringify(namespaces)}\n` : `${rows.length > 0 ? table.join('\n') : none}\n`,
        );
        if (await isRebuilding(stores)) process.stderr.write(`mem: ${REBUILDING}\n`);
      });
    });
}

/** By name; deleted experiments do not count. */
async function listNamespaces(stores: AllStores): Promise<{ namespace: string; counted: number; defined: number }[]> {
  const active = await stores.counters.readPointer();
  const [refs, definitions, incarnations] = await Promise.all([
    active === undefined ? [] : stores.counterReader.experiments(active),
    stores.definitions.readAll(),
    stores.deletions.readAll(),
  ]);
  const living = refs.filter((ref) => ref.incarnation === incarnationOf(ref, incarnations));
  const countIn = (list: readonly { namespace: string }[], namespace: string) =>
    list.filter((one) => one.namespace === namespace).length;
  return sortedNames([...living, ...definitions].map(({ namespace }) => namespace)).map((namespace) => ({
    namespace,
    counted: countIn(living, namespace),
    defined: countIn(definitions, namespace),
  }));
}
