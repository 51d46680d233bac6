import type { Context, Hono, MiddlewareHandler } from 'hono';
import type { Definitions, NameLists } from '../../shared/counting/ports.ts';
import { RequestError } from '../../shared/runtime/errors.ts';
import { methods, type Method } from '../../shared/contract/statistics.ts';
import { experimentCsv, listCsv, seriesCsv } from '../../shared/reporting/formats/csv.ts';
import { answerExperiment, type View } from '../../shared/reporting/experiment.ts';
import { fitAnswer } from '../../shared/reporting/fit-answer.ts';
import { forgetExperiment, type ForgetDeps } from '../../shared/reporting/delete-experiment.ts';
import { listExperiments, type ListPage } from '../../shared/reporting/list.ts';
import { putDefinition } from '../../shared/reporting/put-definition.ts';
import { readDays, readExperiment, type ReadDeps } from '../../shared/reporting/read-counted.ts';
import { requireKnown } from '../../shared/reporting/unknown/require-known.ts';
import { keyOf, named, namespaceOf, required } from './request.ts';
import type { ApiKeys } from '../../shared/stores/dynamodb/api-keys.ts';
import { answerSeries } from '../../shared/reporting/series.ts';

interface V1Deps extends ReadDeps {
  apiKeys: Pick<ApiKeys, 'nameOf'>;
  counters: ReadDeps['counters'] & ForgetDeps['counters'];
  deletions: ReadDeps['deletions'] & ForgetDeps['deletions'];
  definitions: Definitions;
  imports: ReadDeps['imports'] & ForgetDeps['imports'];
  ingestNotes: ReadDeps['ingestNotes'] & ForgetDeps['ingestNotes'];
  nameLists: NameLists;
}

/** Mem's own routes: see answers.ts. `/v1/experiment?experiment=NAME` and `/v1/experiments/NAME` are the same. */
export function addV1Routes(
  app: Hono,
  deps: V1Deps,
  { reader, admin }: Record<'reader' | 'admin', MiddlewareHandler>,
): void {
  app.get('/v1/experiments', reader, async (context) => {
    return send(context, await listExperiments(namespaceOf(context), deps, pageOf(context)), listCsv);
  });
  app.get('/v1/series', reader, async (context) => {
    const counted = await readDays(namespaceOf(context), nameOf(context), deps);
    await requireKnown(counted, deps);
    return send(
      context,
      answerSeries(counted, given({ goal: context.req.query('goal'), baseline: context.req.query('baseline') })),
      seriesCsv,
    );
  });
  for (const path of ['/v1/experiment', '/v1/experiments/:name{[\\s\\S]+}']) {
    app.get(path, reader, async (context) => {
      const view = viewOf(context);
      const counted = await readExperiment(namespaceOf(context), nameOf(context), deps, view.segment);
      await requireKnown(counted, deps);
      return send(
        context,
        fitAnswer(answerExperiment(counted, view), given({ goal: context.req.query('goal') }).goal),
        experimentCsv,
      );
    });
    app.put(path, admin, async (context) => {
      const body = await context.req.text();
      return context.json(
        await putDefinition(
          namespaceOf(context),
          nameOf(context),
          body,
          context.req.header('if-match'),
          await deps.apiKeys.nameOf(keyOf(context) ?? ''),
          deps.definitions,
        ),
      );
    });
    app.delete(path, admin, async (context) => {
      await forgetExperiment(namespaceOf(context), nameOf(context), deps);
      return context.body(null, 204);
    });
  }
}

function nameOf(context: Context): string {
  const name = context.req.param('name');
  return name === undefined ? required(context, 'experiment') : named('experiment', name, 1);
}

const LONGEST_PAGE = 1_000;

function pageOf(context: Context): ListPage {
  const { after, limit = String(LONGEST_PAGE) } = context.req.query();
  if (!/^\d+$/.test(limit) || Number(limit) < 1 || Number(limit) > LONGEST_PAGE) {
    throw new RequestError(
      400,
      'bad_limit',
      `limit: expected a whole number from 1 to ${LONGEST_PAGE}, got ${JSON.stringify(limit)}`,
    );
  }
  return { ...given({ after }), limit: Number(limit) };
}

function viewOf(context: Context): View {
  const { segment, baseline, method } = context.req.query();
  if (method !== undefined && !isMethod(method)) {
    throw new RequestError(
      400,
      'unknown_method',
      `method: expected one of ${methods.join(', ')}, got ${JSON.stringify(method)}`,
    );
  }
  return given({ segment, baseline, method });
}

function isMethod(text: string): text is Method {
  return methods.some((method) => method === text);
}

type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Without what was not asked for. An empty parameter asks for nothing. */
function given<T extends Record<string, string | undefined>>(parameters: T): Given<T> {
  return Object.fromEntries(Object.entries(parameters).filter(([, value]) => value)) as Given<T>;
}

/** As JSON, or as the table that `format=csv` asks for. */
function send<Answer extends object>(context: Context, answer: Answer, toCsv: (answer: Answer) => string): Response {
  const format = context.req.query('format') ?? 'json';
  if (format === 'json') return context.json(answer);
  if (format !== 'csv') {
    throw new RequestError(400, 'unknown_format', `format: expected json or csv, got ${JSON.stringify(format)}`);
  }
  return context.body(toCsv(answer), 200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="mem.csv"',
  });
}
