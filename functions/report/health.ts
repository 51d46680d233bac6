import type { Context } from 'hono';
import type { ApiKeys } from '../../shared/stores/dynamodb/api-keys.ts';
import { RequestError } from '../../shared/runtime/errors.ts';
import type { HealthAnswer, HealthPart } from '../../shared/contract/answers.ts';
import { isoTime } from '../../shared/reporting/conclude.ts';
import { readState, type ReadDeps } from '../../shared/reporting/read-counted.ts';
import { keyOf } from './request.ts';

interface HealthDeps extends Pick<ReadDeps, 'counters' | 'tallies' | 'losses' | 'checkpoints' | 'now'> {
  apiKeys: Pick<ApiKeys, 'roleOf'>;
  onError: (error: unknown) => void;
}

/** That the function runs; to whoever has a key also whether its stores answer. */
export async function answerHealth(context: Context, deps: HealthDeps): Promise<Response> {
  const key = keyOf(context);
  if (key === undefined) return context.json({ status: 'ok' } satisfies HealthAnswer);
  const health = await lookAt(key, deps);
  return context.json(health, health.status === 'ok' ? 200 : 503);
}

async function lookAt(key: string, deps: HealthDeps): Promise<HealthAnswer> {
  const tables = await timed(() => deps.apiKeys.roleOf(key), deps);
  // Without tables nobody can say whether the key is valid: then there is no more than that to tell.
  if (tables.value === undefined && tables.part.ok) {
    throw new RequestError(401, 'wrong_key', 'expected a valid API key, got one that is not');
  }
  if (!tables.part.ok) return { status: 'failing', tables: tables.part };

  const redis = await timed(() => readNewest(deps), deps);
  if (redis.value === undefined) return { status: 'failing', redis: redis.part, tables: tables.part };
  const { generation, newest } = redis.value;
  const state = await timed(() => readState(generation, deps), deps);
  return {
    status: state.part.ok ? 'ok' : 'failing',
    redis: redis.part,
    tables: { ok: state.part.ok, milliseconds: tables.part.milliseconds },
    ...(state.value && { rebuilding: state.value.rebuilding }),
    newestEvent: isoTime(newest),
    newestEventAgeSeconds: newest === undefined ? null : Math.max(0, Math.round((deps.now() - newest) / 1_000)),
  };
}

async function readNewest({ counters, tallies }: HealthDeps) {
  const generation = await counters.generation();
  return { generation, newest: generation === undefined ? undefined : await tallies.newest(generation) };
}

async function timed<Value>(
  work: () => Promise<Value>,
  { now, onError }: HealthDeps,
): Promise<{ part: HealthPart; value?: Value }> {
  const start = now();
  try {
    const value = await work();
    return { part: { ok: true, milliseconds: now() - start }, value };
  } catch (error) {
    onError(error);
    return { part: { ok: false, milliseconds: now() - start } };
  }
}
