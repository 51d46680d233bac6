import type { Command } from 'commander';
import { findSystem, type SystemOptions } from '../../system.ts';

interface Options extends SystemOptions {
  namespace?: string;
  print?: boolean;
}

/** `mem dashboard` */
export function addDashboardCommand(program: Command): void {
  program
    .command('dashboard')
    .description('open the dashboard in the browser; it asks for an API key')
    .option('--namespace <name>', 'the namespace that it shows')
    .option('--print', 'print its URL only')
    .addHelpText('after', '\nExamples:\n  mem dashboard\n  mem dashboard --stage prod --namespace shop --print')
    .action(async (_options: unknown, command: Command) => {
      const { namespace, print, ...options } = command.optsWithGlobals<Options>();
      const { name, urls } = await findSystem(options);
      if (urls.page === undefined) throw new Error(`${name} does not say where its page is`);
      const page = new URL(urls.page);
      if (namespace !== undefined) page.searchParams.set('namespace', namespace); // never the key: URLs are kept and passed on
      process.stdout.write(`${page.href}\n`);
      if (!print) await openInBrowser(page.href);
    });
}

async function openInBrowser(url: string): Promise<void> {
  const { default: open } = await import('open');
  const browser = await open(url);
  browser.on('error', () => process.stderr.write('mem: no browser can be started here: open the URL yourself\n'));
}
