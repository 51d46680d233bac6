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
