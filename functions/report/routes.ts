import { Hono, type Context, type MiddlewareHandler } from 'hono';
import type { ApiKeys, Role } from '../../shared/api-keys.ts';
import { CORS_HEADERS } from '../../shared/cors.ts';
import type { CounterReader } from '../../shared/counter-reader.ts';
import type { Deletions } from '../../shared/deletions.ts';
import { RequestError } from '../../shared/errors.ts';
import type { Losses } from '../../shared/losses.ts';
import { DEFAULT_NAMESPACE, EXPOSURE } from '../../shared/event.ts';
import { experimentName, type ExperimentRef } from '../../shared/experiment-id.ts';
import { experimentReport } from './experiment-report.ts';
import { gimelGoals } from './gimel-report.ts';
import { listLiving } from './living-experiments.ts';

export interface ReportDeps {
  apiKeys: Pick<ApiKeys, 'roleOf'>;
  counters: CounterReader;
  deletions: Deletions;
  losses: Pick<Losses, 'read'>;
  onError: (error: unknown) => void;
}

/** The report API. `/experiments`, `/experiment` and `/delete` answer as Gimel does, `/v1` is Mem's own. */
export function createRoutes(deps: ReportDeps): Hono {
  const app = new Hono();
  const reader = requireRole('read', deps.apiKeys);
  const admin = requireRole('admin', deps.apiKeys);

  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(CORS_HEADERS)) context.res.headers.set(name, value);
    context.res.headers.set('pragma', 'no-cache');
  });
  app.onError((error, context) => problem(context, error, deps.onError));
  app.notFound((context) => problem(context, new RequestError(404, 'not_found', `no ${context.req.path} here`)));

  app.get('/health', (context) => context.json({ status: 'ok' }));
  app.get('/experiments', reader, async (context) => context.json(await gimelExperiments(context, deps)));
  app.get('/experiment', reader, async (context) => {
    const [found] = await countsOf(namespaceOf(context), [required(context, 'experiment')], deps);
    return context.json(gimelGoals(found?.counts ?? []));
  });
  app.delete('/delete', admin, async (context) => {
    await deleteExperiment(namespaceOf(context), required(context, 'experiment'), deps);
    return context.json({ deleted: true });
  });

  app.get('/v1/experiments', reader, async (context) => context.json(await listExperiments(namespaceOf(context), deps)));
  app.get('/v1/experiments/:name{.+}', reader, async (context) => {
    const report = await describe(namespaceOf(context), context.req.param('name'), deps);
    return context.json(experimentReport(report, context.req.query('segment')));
  });
  app.delete('/v1/experiments/:name{.+}', admin, async (context) => {
    await deleteExperiment(namespaceOf(context), context.req.param('name'), deps);
    return context.body(null, 204);
  });
  return app;
}

interface Counted {
  ref: ExperimentRef;
  counts: Awaited<ReturnType<CounterReader['counts']>>[number];
}

/** The counts of a namespace's experiments: of all, or of those named, in their order. */
async function countsOf(namespace: string, scope: string[] | undefined, deps: ReportDeps): Promise<Counted[]> {
  const generation = await deps.counters.generation();
  const living = generation === undefined ? [] : await listLiving(namespace, generation, deps);
  const chosen = scope ? living.filter(({ experiment }) => scope.includes(experiment)) : living;
  if (generation === undefined || chosen.length === 0) return [];
  const counts = await deps.counters.counts(generation, chosen);
  return chosen.map((ref, index) => ({ ref, counts: counts[index] ?? [] }));
}

async function gimelExperiments(context: Context, deps: ReportDeps): Promise<unknown[]> {
  const given = context.req.query('scope');
  const scope = given?.split(',').filter((name) => name !== '');
  const found = await countsOf(namespaceOf(context), scope?.length ? scope : undefined, deps);
  const names = scope?.length ? scope : found.map(({ ref }) => ref.experiment);
  return [
    { meta: { scope: given ?? null } },
    ...names.map((experiment) => {
      const counts = found.find(({ ref }) => ref.experiment === experiment)?.counts ?? [];
      return { experiment, goals: gimelGoals(counts) };
    }),
  ];
}

async function listExperiments(namespace: string, deps: ReportDeps) {
  const found = await countsOf(namespace, undefined, deps);
  return {
    namespace,
    experiments: found.map(({ ref, counts }) => ({
      name: ref.experiment,
      participants: counts
        .filter(({ event, segment }) => event === EXPOSURE && segment === undefined)
        .reduce((sum, { count }) => sum + count, 0),
    })),
  };
}

async function describe(namespace: string, experiment: string, deps: ReportDeps) {
  const [found] = await countsOf(namespace, [experiment], deps);
  const generation = await deps.counters.generation();
  if (!found || generation === undefined) return { ref: { namespace, experiment, incarnation: 0 }, counts: [], days: [] };

  const whole = found.counts.filter(({ segment }) => segment === undefined);
  const [uniques, days, losses] = await Promise.all([
    deps.counters.uniques(generation, found.ref, whole),
    deps.counters.days(generation, found.ref),
    deps.losses.read(generation),
  ]);
  const segmented = found.counts.filter(({ segment }) => segment !== undefined);
  const counted = whole.map((count, index) => ({ ...count, approximateUniques: uniques[index] ?? 0 }));
  const since = losses.map(({ countedSince }) => countedSince);
  return { ref: found.ref, counts: [...counted, ...segmented], days, ...(since.length > 0 && { countedSince: Math.max(...since) }) };
}

/** Begins a new incarnation, then frees what the old one held. An unknown experiment is no error. */
async function deleteExperiment(namespace: string, experiment: string, deps: ReportDeps): Promise<void> {
  const living = await deps.deletions.delete(experimentName(namespace, experiment));
  const generation = await deps.counters.generation();
  if (generation === undefined) return;
  const dead = (await deps.counters.experiments(generation)).filter(
    (ref) => ref.namespace === namespace && ref.experiment === experiment && ref.incarnation < living.number,
  );
  for (const ref of dead) await deps.counters.remove(generation, ref);
}

function namespaceOf(context: Context): string {
  return context.req.query('namespace') ?? DEFAULT_NAMESPACE;
}

function required(context: Context, parameter: string): string {
  const value = context.req.query(parameter);
  if (value) return value;
  throw new RequestError(400, 'missing_parameter', `${parameter}: expected a value in the query, got none`);
}

function requireRole(role: Role, apiKeys: Pick<ApiKeys, 'roleOf'>): MiddlewareHandler {
  return async (context, next) => {
    const bearer = /^Bearer\s+(\S+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
    const key = context.req.header('x-api-key') ?? bearer;
    if (!key) throw new RequestError(401, 'no_key', 'expected an API key in x-api-key or Authorization: Bearer, got none');
    const has = await apiKeys.roleOf(key);
    if (!has) throw new RequestError(401, 'wrong_key', 'expected a valid API key, got one that is not');
    if (role === 'admin' && has !== 'admin') {
      throw new RequestError(403, 'read_only_key', 'expected an admin key, got a read-only one');
    }
    await next();
  };
}

/** RFC 9457. What is not the caller's fault is an outage: logged in full, told in one sentence. */
function problem(context: Context, error: unknown, onError?: (error: unknown) => void): Response {
  const known = error instanceof RequestError;
  if (!known) onError?.(error);
  const status = known ? error.status : 503;
  const body = {
    type: 'about:blank',
    title: known ? error.code : 'unavailable',
    status,
    detail: known ? error.message : 'the counters or tables cannot be read now; try again',
  };
  return context.body(JSON.stringify(body), status, {
    'content-type': 'application/problem+json',
    ...(!known && { 'retry-after': '2' }),
  });
}
