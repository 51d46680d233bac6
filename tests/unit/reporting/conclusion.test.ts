import { beforeAll, describe, expect, test } from '@jest/globals';
import { reportHtml } from '../../../cli/output/report-html.ts';
import { reportText } from '../../../cli/output/report-text.ts';
import { createRoutes } from '../../../functions/report/routes.ts';
import type { ExperimentAnswer, ExperimentList } from '../../../shared/contract/answers.ts';
import { concludedExperiments } from '../../support/report/concluded-experiments.ts';
import { emptyStores, fakeReportDeps, READ_KEY } from '../../support/report/fake-report-stores.ts';

const cases = concludedExperiments();
const stores = emptyStores();
stores.plans = cases.map(({ plan }) => plan);
const app = createRoutes(fakeReportDeps(stores));

async function get(path: string): Promise<string> {
  const response = await app.request(path, { headers: { 'x-api-key': READ_KEY } });
  expect(response.status).toBe(200);
  return response.text();
}

const pathOf = (name: string) => `/v1/experiment?${new URLSearchParams({ experiment: name }).toString()}`;

/** The cells of the only column that has this name, each once. */
function column(csv: string, name: string): string[] {
  const rows = csv
    .replace('\ufeff', '')
    .trimEnd()
    .split('\r\n')
    .map((row) =>
      [...row.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)].map(([, cell = '']) =>
        cell.replace(/^"|"$/g, '').replaceAll('""', '"'),
      ),
    );
  const at = rows[0]?.indexOf(name) ?? -1;
  return [...new Set(rows.slice(1).map((row) => row[at] ?? ''))];
}

let list: ExperimentList;
let listCsv: string;
beforeAll(async () => {
  list = JSON.parse(await get('/v1/experiments')) as ExperimentList;
  listCsv = await get('/v1/experiments?format=csv');
});

describe.each(cases)('an experiment that $plan.name', ({ plan: { name }, advice, title, codes }) => {
  let answer: ExperimentAnswer;
  beforeAll(async () => {
    answer = JSON.parse(await get(pathOf(name))) as ExperimentAnswer;
  });

  test(`comes to: ${advice}`, () => {
    const { conclusion } = answer;
    expect([conclusion.advice, conclusion.reasons.map(({ code }) => code).slice(0, codes.length)]).toEqual([
      advice,
      codes,
    ]);
    expect(conclusion.title).toMatch(title);
    expect(conclusion.needsDecision).toBe(['ship', 'do not ship', 'stop'].includes(advice));
  });

  test('comes to the same in the list, in CSV, in a terminal and as HTML', async () => {
    const { conclusion } = answer;
    expect(list.experiments.find((item) => item.name === name)?.conclusion).toEqual(conclusion);
    if (answer.goals.length > 0) {
      expect(column(await get(`${pathOf(name)}&format=csv`), 'conclusion_title')).toEqual([conclusion.title]);
    }
    expect(column(listCsv, 'conclusion_title')).toContain(conclusion.title);
    expect(reportText(answer)).toContain(conclusion.title);
    expect(reportHtml(answer, 'now')).toContain(`<h2><bdi>${conclusion.title}</bdi></h2>`);
  });

  test('is concluded by its own method over all visitors, whatever is looked at', async () => {
    const looked = JSON.parse(await get(`${pathOf(name)}&method=bayesian`)) as ExperimentAnswer;
    expect(looked.conclusion).toEqual(answer.conclusion);
    expect(looked.headline).toEqual(answer.headline);
  });
});

test('the effect is told in absolute figures, and guardrails as far as they are known', async () => {
  const { conclusion } = JSON.parse(await get(pathOf('wins'))) as ExperimentAnswer;
  expect(conclusion.lines.effect).toMatch(/^bought \+2 points \(10 % to 12 %\): about [\d,]+ more in 30 days$/);
  expect(conclusion.lines.checks).toBe('Nothing found against the figures');
  const guarded = JSON.parse(await get(pathOf('guardrail unknown'))) as ExperimentAnswer;
  expect(guarded.conclusion.lines.guardrails).toBe('1 of 1 not harmed');
  const harmed = JSON.parse(await get(pathOf('harms a guardrail'))) as ExperimentAnswer;
  expect(harmed.conclusion.lines.guardrails).toBe('latency +20 %, harmed');
});
