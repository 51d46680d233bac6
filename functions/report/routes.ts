import { Hono, type Context } from 'hono';
import type { ApiKeys } from '../../shared/stores/dynamodb/api-keys.ts';
import { createCors } from '../../shared/runtime/cors.ts';
import type { Count, CounterReader } from '../../shared/counting/counters.ts';
import type { Definitions, Deletions } from '../../shared/counting/ports.ts';
import { RequestError } from '../../shared/runtime/errors.ts';
import { forgetExperiment, type ForgetDeps } from '../../shared/reporting/delete-experiment.ts';
import { gimelGoals } from '../../shared/reporting/formats/gimel.ts';
import { answerHealth } from './health.ts';
import { listLiving } from '../../shared/reporting/living-experiments.ts';
import type { ReadDeps } from '../../shared/reporting/read-counted.ts';
import { namespaceOf, problem, required, requireRole, requireUtf8 } from './request.ts';
import { addV1Routes } from './v1-routes.ts';

export interface ReportDeps extends ReadDeps, ForgetDeps {
  apiKeys: Pick<ApiKeys, 'roleOf' | 'nameOf'>;
  counters: CounterReader;
  deletions: Deletions;
  definitions: Definitions;
  imports: ReadDeps['imports'] & ForgetDeps['imports'];
  ingestNotes: ReadDeps['ingestNotes'] & ForgetDeps['ingestNotes'];
  onError: (error: unknown) => void;
}

/** The report API. `/experiments`, `/experiment` and `/delete` answer as Gimel does, `/v1` is Mem's own. */
export function createRoutes(deps: ReportDeps, cors = createCors([])): Hono {
  const app = new Hono();
  const reader = requireRole('read', deps.apiKeys);
  const admin = requireRole('admin', deps.apiKeys);

  app.use(async (context, next) => {
    requireUtf8(context.req.url);
    await next();
    const headers = cors.headersFor(context.req.header('origin'));
    for (const [name, value] of Object.entries(headers)) context.res.headers.set(name, value);
    context.res.headers.set('pragma', 'no-cache');
  });
  app.onError((error, context) => problem(context, error, deps.onError));
  app.notFound((context) => problem(context, new RequestError(404, 'not_found', `no ${context.req.path} here`)));

  app.get('/health', (context) => answerHealth(context, deps));
  app.get('/experiments', reader, async (context) => context.json(await gimelExperiments(context, deps)));
  app.get('/experiment', reader, async (context) => {
    const [found] = await countsOf(namespaceOf(context), [required(context, 'experiment')], deps);
    return context.json(gimelGoals(found?.counts ?? []));
  });
  app.delete('/delete', admin, async (context) => {
    await forgetExperiment(namespaceOf(context), required(context, 'experiment'), deps);
    return context.json({ deleted: true });
  });

  addV1Routes(app, deps, { reader, admin });
  return app;
}

interface Counted {
  experiment: string;
  counts: Count[];
}

/** The counts of a namespace's experiments: of all, or of those named, in their order. */
async function countsOf(namespace: string, scope: string[] | undefined, deps: ReportDeps): Promise<Counted[]> {
  const generation = await deps.counters.generation();
  const [refs, imports, incarnations] = await Promise.all([
    generation === undefined ? [] : deps.counters.experiments(generation),
    deps.imports.readAll(namespace),
    deps.deletions.readAll(),
  ]);
  const living = listLiving(namespace, { refs, imports, incarnations });
  const chosen = scope ? living.filter(({ ref }) => scope.includes(ref.experiment)) : living;
  if (chosen.length === 0) return [];
  const counts =
    generation === undefined
      ? []
      : await deps.counters.counts(
          generation,
          chosen.map(({ ref }) => ref),
        );
  return chosen.map(({ ref, imported }, index) => ({
    experiment: ref.experiment,
    counts: [...(counts[index] ?? []), ...(imported?.counts ?? [])],
  }));
}

async function gimelExperiments(context: Context, deps: ReportDeps): Promise<unknown[]> {
  const given = context.req.query('scope');
  const scope = given?.split(',').filter((name) => name !== '');
  const found = await countsOf(namespaceOf(context), scope?.length ? scope : undefined, deps);
  const names = scope?.length ? scope : found.map(({ experiment }) => experiment);
  return [
    { meta: { scope: given ?? null } },
    ...names.map((experiment) => {
      const counts = found.find((counted) => counted.experiment === experiment)?.counts ?? [];
      return { experiment, goals: gimelGoals(counts) };
    }),
  ];
}
