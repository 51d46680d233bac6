export const adapters = ['alephbet', 'sdk'] as const;
export type Adapter = (typeof adapters)[number];

export interface SnippetFacts {
  /** Where single events go to, such as https://api.example/track. */
  trackUrl: string;
  namespace: string;
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
