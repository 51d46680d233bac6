import { writeFileSync } from 'node:fs';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ExperimentAnswer } from '../../../shared/contract/answers.ts';
import { experimentCsv } from '../../../shared/reporting/formats/csv.ts';
import type { View } from '../../../shared/reporting/experiment.ts';
import { DEFAULT_NAMESPACE } from '../../../shared/contract/event.ts';
import { methods } from '../../../shared/contract/statistics.ts';
import { reasonOf } from '../../outcome.ts';
import { reportHtml } from '../../output/report-html.ts';
import { reportText } from '../../output/report-text.ts';
import { printable } from '../../output/table.ts';
import { answerKnown, withStores } from '../../stores.ts';

interface Options extends View {
  namespace: string;
  json?: boolean;
  csv?: boolean;
  html?: string;
}

function parsePair(text: string): string {
  if (!/^[^=]+=[^]+$/.test(text)) throw new InvalidArgumentError('expected a key and a value such as platform=ios.');
  return text;
}

/** `mem report NAME` */
export function addReportCommand(program: Command): void {
  program
    .command('report <experiment>')
    .description('show the results of an experiment: counts, lifts, and a verdict for each goal and variant')
    .option('--namespace <name>', 'the namespace of the experiment', DEFAULT_NAMESPACE)
    .option('--segment <key=value>', 'of these visitors only, such as platform=ios', parsePair)
    .addOption(new Option('--method <method>', 'how the verdict is reached').choices(methods))
    .option('--baseline <variant>', 'compare with this variant')
    .addOption(new Option('--json', 'print as JSON').conflicts('csv'))
    .option('--csv', 'print as CSV')
    .option('--html <file>', 'write one file that needs no network; - prints it')
    .addHelpText(
      'after',
      '\nExamples:\n  mem report "my test"\n  mem report "my test" --segment platform=ios --html report.html',
    )
    .action(async (experiment: string, { namespace, json, csv, html, ...view }: Options, command: Command) => {
      await withStores(command, async (stores) => {
        const answer = await answerKnown(namespace, experiment, stores, view);
        if (view.segment !== undefined) requireSegment(view.segment, answer);
        if (html !== undefined) {
          const page = reportHtml(answer, new Date(stores.now()).toISOString());
          if (html === '-') process.stdout.write(page);
          else {
            writeReport(html, page);
            process.stderr.write(`${html} is written.\n`);
          }
        }
        if (json) process.stdout.write(`${JSON.stringify(answer)}\n`);
        else if (csv) process.stdout.write(experimentCsv(answer));
        else if (html === undefined) process.stdout.write(`${reportText(answer).join('\n')}\n`);
      });
    });
}

function writeReport(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new Error(`--html: expected a file that can be written, got ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** A segment that no event has carried would look like one in which nothing happens. */
function requireSegment(segment: string, { segments }: ExperimentAnswer): void {
  const known = Object.entries(segments).flatMap(([key, values]) => values.map((value) => `${key}=${value}`));
  if (known.includes(segment)) return;
  throw new Error(
    `no event carries the segment ${JSON.stringify(segment)}: expected ${known.map(printable).join(', ') || 'none, since no event carries any'}`,
  );
}
