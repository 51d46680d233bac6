import { setTimeout as sleep } from 'node:timers/promises';
import { consume } from '../../../shared/counting/consume.ts';
import type { ShardRecord } from '../../../shared/counting/decode.ts';
import { createRoutes, type ReportDeps } from '../../../functions/report/routes.ts';
import type { ExperimentAnswer, ExperimentList, Warning } from '../../../shared/contract/answers.ts';
import { createApiKeys } from '../../../shared/stores/dynamodb/api-keys.ts';
import { createCheckpoints } from '../../../shared/stores/dynamodb/checkpoints.ts';
import { createCounterReader } from '../../../shared/stores/redis/counter-reader.ts';
import { createIngestNotes } from '../../../shared/stores/dynamodb/ingest-notes/ingest-notes.ts';
import { createDefinitions } from '../../../shared/stores/dynamodb/definitions.ts';
import type { Definition } from '../../../shared/contract/definition.ts';
import { createDeletions } from '../../../shared/stores/dynamodb/deletions.ts';
import type { TrackedEvent } from '../../../shared/contract/event.ts';
import { createImports } from '../../../shared/stores/dynamodb/imports.ts';
import { createLosses } from '../../../shared/stores/dynamodb/losses.ts';
import { createNameLists } from '../../../shared/stores/dynamodb/name-lists.ts';
import { createTallyReader } from '../../../shared/stores/redis/tally-reader.ts';
import { plenty, realDeps, SHARD } from '../counting/consumer.ts';
import { aRecord, NOON } from '../counting/events.ts';
import type { StoresWorld } from '../counting/world.ts';

export const ADMIN_KEY = 'the-admin-key';
export const READ_KEY = 'the-read-only-key';

/** A record has at most 64 KB. */
const EVENTS_PER_RECORD = 200;

export interface ReportUnderTest {
  /** As the admin, unless other headers are given. */
  request: (path: string, init?: RequestInit) => Promise<Response>;
  /** The JSON of a request that must succeed. */
  read: <Answer>(path: string) => Promise<Answer>;
  experiment: (name: string, query?: Record<string, string>) => Promise<ExperimentAnswer>;
  list: (namespace?: string) => Promise<ExperimentList>;
  define: (name: string, definition: Definition) => Promise<void>;
  /** Counts events through the consumer, in one batch. @param at receipt, ms */
  count: (events: readonly TrackedEvent[], at?: number) => Promise<void>;
  errors: unknown[];
  deps: ReportDeps;
}

/** The report's routes on a test's own stores. @param now ms since 1970 */
export async function createReport(
  world: StoresWorld,
  now: () => number = () => NOON,
  changes: Partial<ReportDeps> = {},
): Promise<ReportUnderTest> {
  const { dynamodb, stateTable, redis, prefix } = world;
  const apiKeys = createApiKeys(dynamodb, stateTable, Date.now);
  await apiKeys.add(ADMIN_KEY, 'admin');
  await apiKeys.add(READ_KEY, 'read');
  const errors: unknown[] = [];
  const deps: ReportDeps = {
    apiKeys,
    counters: createCounterReader(redis, prefix),
    tallies: createTallyReader(redis, prefix),
    definitions: createDefinitions(dynamodb, stateTable, now),
    deletions: createDeletions(dynamodb, stateTable, {
      now: () => Promise.resolve(Date.now()),
      sleep: (ms) => sleep(ms),
    }),
    imports: createImports(dynamodb, stateTable),
    losses: createLosses(dynamodb, stateTable),
    ingestNotes: createIngestNotes(dynamodb, stateTable, now),
    nameLists: createNameLists(dynamodb, stateTable),
    checkpoints: createCheckpoints(dynamodb, stateTable),
    now,
    onError: (error) => errors.push(error),
    ...changes,
  };
  const app = createRoutes(deps);
  const request = async (path: string, init: RequestInit = {}) =>
    app.request(path, {
      ...init,
      headers: { 'x-api-key': ADMIN_KEY, ...(init.headers as Record<string, string> | undefined) },
    });

  async function read<Answer>(path: string): Promise<Answer> {
    const response = await request(path);
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  let records = 0;
  return {
    request,
    read,
    experiment: (name, query = {}) =>
      read(`/v1/experiment?${new URLSearchParams({ experiment: name, ...query }).toString()}`),
    list: (namespace = 'alephbet') => read(`/v1/experiments?${new URLSearchParams({ namespace }).toString()}`),
    async define(name, definition) {
      const path = `/v1/experiment?${new URLSearchParams({ experiment: name }).toString()}`;
      const response = await request(path, { method: 'PUT', body: JSON.stringify(definition) });
      if (response.status !== 200) throw new Error(`the definition was refused: ${await response.text()}`);
    },
    async count(events, at = NOON) {
      const batch: ShardRecord[] = [];
      for (let first = 0; first < events.length; first += EVENTS_PER_RECORD) {
        records += 1;
        batch.push(aRecord(records, events.slice(first, first + EVENTS_PER_RECORD), at));
      }
      const retryFrom = await consume(SHARD, batch, realDeps(world), plenty);
      if (retryFrom !== undefined) throw new Error('the batch was not counted');
    },
    errors,
    deps,
  };
}

export function codesOf({ warnings }: { warnings: readonly Pick<Warning, 'code'>[] }): string[] {
  return warnings.map(({ code }) => code);
}
