import { Option, type Command } from 'commander';
import { DEFAULT_NAMESPACE } from '../../../shared/contract/event.ts';
import { parseUrl } from '../../arguments.ts';
import { findSystem, isNamed, LOCAL_URL, type SystemOptions } from '../../system.ts';

export const adapters = ['alephbet', 'sdk'] as const;
export type Adapter = (typeof adapters)[number];

export interface SnippetFacts {
  /** Where single events go to, such as https://api.example/track. */
  trackUrl: string;
  namespace: string;
}

interface Options extends SystemOptions {
  url?: string;
  namespace: string;
  adapter?: Adapter;
}

/** `mem snippet` */
export function addSnippetCommand(program: Command): void {
  program
    .command('snippet')
    .description('print HTML for the pages of a site: for Alephbet, and for the SDK')
    .option('--url <url>', 'the ingest endpoint, or one of its tracking paths', parseUrl)
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
  if (urls.track === undefined) {
    throw new Error(`${name} does not say where its ingest endpoint is: name it with --url`);
  }
  return urls.track;
}

/** HTML for the pages of a site, at the head of which there is no body yet: an experiment with two variants and one goal. */
export const snippets: Record<Adapter, (facts: SnippetFacts) => string> = {
  // Alephbet's own adapter: its Gimel and Lamed subclasses look into the wrong queue at start, and lose what waits there.
  alephbet: ({ trackUrl, namespace }) => `<!-- Alephbet: npm install alephbet, and serve its dist/alephbet.min.js -->
<script src="/alephbet.min.js"></script>
<script>
  const tracking = new AlephBet.AlephbetAdapter(${inScript(trackUrl)}, ${inScript(namespace)});
  const button = new AlephBet.Experiment({
    name: 'button color',
    tracking_adapter: tracking,
    variants: {
      red: { activate: () => document.documentElement.classList.add('red-button') },
      blue: { activate: () => document.documentElement.classList.add('blue-button') },
    },
  });
  const clicked = new AlephBet.Goal('clicked');
  button.add_goal(clicked);
  document.addEventListener('click', () => clicked.complete());
</script>
`,
  sdk: ({ trackUrl, namespace }) => `<!-- The SDK of Mem: npm install mem-ab-sdk, and serve its mem.min.js -->
<script type="module">
  import { createExperiments, defineExperiment, visitorId } from '/mem.min.js';

  const button = defineExperiment({
    name: 'button color',
    variants: {
      red: () => document.documentElement.classList.add('red-button'),
      blue: () => document.documentElement.classList.add('blue-button'),
    },
  });
  const experiments = createExperiments({
    endpoint: ${inScript(new URL(trackUrl).origin)},
    namespace: ${inScript(namespace)},
    onError: (error) => console.warn(error),
  });

  const visit = experiments.for(button, { userId: visitorId() });
  await visit.run(); // counts the exposure, then shows the variant
  document.addEventListener('click', () => visit.track('clicked', { once: true }));
</script>
`,
};

/** A text as JavaScript inside of HTML: nothing in it ends the script. */
function inScript(text: string): string {
  return JSON.stringify(text).replace(/</g, '\\u003c');
}

/** Where single events go to: the path of the URL where it has one, else /track. */
export function trackUrlOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname === '/' ? '/track' : pathname}`;
}
