import { randomUUID } from 'node:crypto';
import { waitUntil } from '../wait-until.ts';

/** An experiment as Gimel's clients see it. */
export interface GimelExperiment {
  experiment: string;
  goals: { goal: string; results: { label: string; successes: number; trials: number }[] }[];
}

/** What a browser's adapter would send. @returns the status and the JSON of the answer */
export async function track(url: string, event: Record<string, string>): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/track?${new URLSearchParams(event).toString()}`);
  return { status: response.status, body: await response.json() };
}

/** GET /experiments, without its head. */
export async function readExperiments(url: string, namespace = 'alephbet'): Promise<GimelExperiment[]> {
  const [, ...experiments] = await readJson<[unknown, ...GimelExperiment[]]>(
    `${url}/experiments?${new URLSearchParams({ namespace }).toString()}`,
  );
  return experiments;
}

export async function readJson<T>(url: string): Promise<T> {
  const response = await fetch(url, { headers: { 'x-api-key': 'local' } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** An experiment's report, or what `otherwise` says where nothing is known of it yet. */
export async function readReport<T>(url: string, otherwise: T): Promise<T> {
  const response = await fetch(url, { headers: { 'x-api-key': 'local' } });
  if (response.status === 404) return otherwise;
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** As many events fall on every shard, with all but certainty. */
const LAST_EVENTS = 40;

/** Resolves when everything that was acknowledged before is counted: shards keep their order, and these are the last. */
export async function waitUntilCounted(url: string): Promise<void> {
  const experiment = `the end ${randomUUID()}`;
  const last = Array.from({ length: LAST_EVENTS }, () => ({ experiment, variant: 'end', event: 'participate' }));
  await Promise.all(last.map((event) => track(url, { ...event, uuid: randomUUID() })));
  await waitUntil('the last events are counted', async () => {
    const { variants } = await readJson<{ variants: { participants: number }[] }>(
      `${url}/v1/experiments/${encodeURIComponent(experiment)}`,
    );
    return variants[0]?.participants === LAST_EVENTS;
  });
}
