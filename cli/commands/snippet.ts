import { Option, type Command } from 'commander';
import { DEFAULT_NAMESPACE } from '../../shared/contract/event.ts';
import { parseUrl } from '../arguments.ts';
import { adapters, snippets, trackUrlOf, type Adapter } from '../snippets.ts';
import { findSystem, isNamed, LOCAL_URL, type SystemOptions } from '../system.ts';

interface Options extends SystemOptions {
  url?: string;
  namespace: string;
  adapter?: Adapter;
}

/** `mem snippet` */
export function addSnippetCommand(program: Command): void {
  program
    .command('snippet')
    .description('print what goes into the pages of a site: HTML for Alephbet, and for the SDK')
    .option('--url <url>', 'where events go to: the door, or one of its tracking paths', parseUrl)
    .option('--namespace <name>', 'the namespace of the experiments', DEFAULT_NAMESPACE)
    .addOption(new Option('--adapter <adapter>', 'one of the two only').choices(adapters))
    .addHelpText(
      'after',
      '\nExamples:\n  mem snippet --stage prod\n  mem snippet --url https://events.shop.example/e --adapter alephbet',
    )
    .action(async (_options: unknown, command: Command) => {
      const { url, namespace, adapter, ...options } = command.optsWithGlobals<Options>();
      const trackUrl = url === undefined ? await findTrackUrl(options) : trackUrlOf(url);
      const chosen = adapter === undefined ? adapters : [adapter];
      process.stdout.write(chosen.map((name) => snippets[name]({ trackUrl, namespace })).join('\n'));
    });
}

async function findTrackUrl(options: SystemOptions): Promise<string> {
  if (!isNamed(options)) {
    process.stderr.write('mem: for npm start on its usual port; with --url or --stage it is for another system\n');
    return trackUrlOf(LOCAL_URL);
  }
  const { name, urls } = await findSystem(options);
  if (urls.track === undefined) throw new Error(`${name} does not say where its door is: name it with --url`);
  return urls.track;
}
