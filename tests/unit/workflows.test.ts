import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import manifest from '../../package.json';

interface Job {
  strategy?: { matrix: { node?: number[]; project?: string[] } };
  steps: { run?: string; uses?: string }[];
}

const FOLDER = '.github/workflows';
const jobsOf = (file: string) =>
  (parse(readFileSync(`${FOLDER}/${file}`, 'utf8')) as { jobs: Record<string, Job> }).jobs;

const commandsOf = (job: Job | undefined) =>
  (job?.steps ?? []).flatMap(({ run }) => (run === undefined ? [] : [run])).filter((run) => run.startsWith('npm '));

describe('the hosted checks', () => {
  const { check, test: shards } = jobsOf('ci.yml');

  test('are those of .ci/run, with the tests in shards by jest project', () => {
    const script = readFileSync('.ci/run', 'utf8').split('\n');
    const shard = (command: string) => command.replace(' -- --selectProjects ${{ matrix.project }}', '');
    const hosted = [...commandsOf(check), ...commandsOf(shards).map(shard)];
    expect([...new Set(hosted)]).toEqual(script.filter((line) => line.startsWith('npm ')));

    const config = readFileSync('jest.config.cjs', 'utf8');
    const projects = [...config.matchAll(/project\('(\w+)'/g)].map(([, name]) => name);
    expect(shards?.strategy?.matrix.project).toEqual(projects);
  });

  test('run on the oldest Node that is promised, and on the one that is developed with', () => {
    const promised = Number(/\d+/.exec(manifest.engines.node)?.[0]);
    const developed = Number(readFileSync('.nvmrc', 'utf8'));
    for (const job of [check, shards]) {
      expect(job?.strategy?.matrix.node).toEqual(expect.arrayContaining([promised, developed]));
    }
  });
});

describe.each(readdirSync(FOLDER))('%s', (file) => {
  const jobs = Object.values(jobsOf(file));

  test('runs scripts that package.json has', () => {
    const scripts = jobs.flatMap(commandsOf).flatMap((command) => /^npm run ([\w:-]+)/.exec(command)?.[1] ?? []);
    expect(Object.keys(manifest.scripts)).toEqual(expect.arrayContaining(scripts));
  });

  test('names a version of every action', () => {
    const actions = jobs.flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    for (const action of actions) expect(action).toMatch(/@v\d+/);
  });
});
