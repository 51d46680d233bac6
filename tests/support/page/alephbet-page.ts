import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a site's page does with Alephbet. */
export interface PageExperiment {
  name: string;
  variants: string[];
  goal: string;
  userId?: string;
}

export type AdapterName = 'AlephbetAdapter' | 'GimelAdapter' | 'LamedAdapter';

/** Arguments of run() in the page, which answers the chosen variants by experiment. */
export interface PageRun {
  adapter: AdapterName;
  /** Where events go to. */
  trackUrl: string;
  namespace: string;
  experiments: PageExperiment[];
}

const PAGE = `<!doctype html><meta charset="utf-8"><title>A site</title><script src="/alephbet.min.js"></script><script>
  function run({ adapter, trackUrl, namespace, experiments }) {
    const tracking_adapter = new AlephBet[adapter](trackUrl, namespace);
    const chosen = {};
    for (const { name, variants, goal, userId } of experiments) {
      const activated = variants.map((variant) => [variant, { activate() { chosen[name] = variant; } }]);
      const experiment = new AlephBet.Experiment({
        name, tracking_adapter, user_id: userId, variants: Object.fromEntries(activated),
      });
      const completed = new AlephBet.Goal(goal);
      experiment.add_goal(completed);
      completed.complete();
    }
    return chosen;
  }
  /** How many events wait in the queues of all adapters for their 200. */
  function waiting() {
    const stored = JSON.parse(localStorage.getItem('alephbet') ?? '{}');
    return Object.keys(stored).filter((key) => key.endsWith('_queue')).flatMap((key) => JSON.parse(stored[key])).length;
  }
</script>`;

/** Serves a site's page, with the Alephbet that is on npm, from a port of its own. */
export async function servePage(): Promise<{ url: string; close: () => Promise<unknown> }> {
  const script = readFileSync('node_modules/alephbet/dist/alephbet.min.js');
  const server = createServer(({ url }, response) => {
    if (url === '/alephbet.min.js') response.setHeader('content-type', 'text/javascript').end(script);
    else response.setHeader('content-type', 'text/html').end(PAGE);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
