import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { runAttack } from '../../bench/attack/run-attack.ts';
import { startLocalSystem, type LocalSystem } from '../support/local/local-system.ts';
import { rawRequest, readAnswer, sendRaw } from '../support/raw-http.ts';
import { waitUntil } from '../support/wait-until.ts';

const LIMITS = { namespaces: 4, experiments: 20, variants: 5, goals: 5, segments: 6 };
const EVENTS = 6_000;

const folder = mkdtempSync(join(tmpdir(), 'mem-e2e-'));
const settingsFile = join(folder, 'system.json');
let system: LocalSystem;

beforeAll(async () => {
  system = await startLocalSystem({ folder, settings: { MEM_LIMITS: JSON.stringify(LIMITS), LOG_LEVEL: 'INFO' } });
});
afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

const redisUrl = () => (JSON.parse(readFileSync(settingsFile, 'utf8')) as { REDIS_URL: string }).REDIS_URL;
const mem = (...args: string[]) =>
  spawnSync('npm', ['run', '-s', 'mem', '--', '--system', settingsFile, ...args], { encoding: 'utf8' });

const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const JSON_TYPE = 'content-type: application/json';
const EVENT = { experiment: 'doors', variant: 'v', event: 'participate', uuid: 'u' };
const post = (body: string, ...headers: string[]) => rawRequest('POST', '/events', [JSON_TYPE, ...headers], body);
const nested = (levels: number, open: string, close: string) => open.repeat(levels) + close.repeat(levels);

describe('names of strangers', () => {
  test('fill neither Redis nor the way of the events that the site sends itself', async () => {
    const { answers, sent, counted, settled, redis } = await runAttack({
      url: system.url,
      apiKey: 'local',
      redisUrl: redisUrl(),
      events: EVENTS,
      seed: 5,
      patienceSeconds: 180,
    });
    expect(answers).toEqual({ 200: EVENTS / 500 });
    expect(settled).toBe(true);
    for (const [variant, visitors] of Object.entries(sent)) {
      expect(counted[variant]).toEqual({ participants: visitors, goals: visitors });
    }

    expect(redis.experiments).toBeGreaterThan(10);
    expect(redis.experiments).toBeLessThanOrEqual(LIMITS.namespaces * LIMITS.experiments);
    expect(redis.mostCounters).toBeLessThanOrEqual(LIMITS.variants * (LIMITS.goals + 1) * (LIMITS.segments + 1));
    const perExperiment = 4 + LIMITS.variants * (LIMITS.goals + 1);
    expect(redis.keys).toBeLessThanOrEqual(10 + redis.experiments * perExperiment);
  });

  test('are what `mem quarantine` tells of', () => {
    const { stdout, status } = mem('quarantine', '--limit', '5');
    expect(status).toBe(0);
    expect(stdout).toMatch(/too_many_experiments +\d+/);
    expect(stdout).toContain('is beyond the limit of 20 experiments: raise limits.experiments');
    const { events, reasons, newest } = JSON.parse(mem('quarantine', '--limit', '3', '--json').stdout) as {
      events: number;
      reasons: { code: string }[];
      newest: { refused: { event: { experiment: string } }[] }[];
    };
    expect(events).toBeGreaterThan(100); // samples of each reason: how many there were, a metric tells
    expect(reasons.map(({ code }) => code).sort()).toEqual(
      Object.keys(LIMITS)
        .filter((kind) => kind !== 'segments') // its event counts all the same, under another value
        .map((kind) => `too_many_${kind}`)
        .sort(),
    );
    expect(newest.map(({ refused }) => typeof refused[0]?.event.experiment)).toEqual(['string', 'string', 'string']);
  });
});

test('the log tells how many were refused, and no names', () => {
  const lines = system
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"level"'));
  expect(lines.join('\n')).toContain('"message":"events are in quarantine"');
  expect(lines.join('\n')).not.toMatch(/strange [0-9a-f]|uuid|127\.0\.0\.1/);
});

/** Nobody may cause an outage, and every answer to a browser says why. */
describe('a request', () => {
  const large = JSON.stringify([{ ...EVENT, uuid: 'x'.repeat(300_000) }]);
  const bomb = gzipSync(Buffer.alloc(5_000_000, ' ')).toString('latin1');

  test.each<[string, () => string, number[]]>([
    ['too large', () => post(large), [413]],
    ['of a hundred thousand arrays in each other', () => post(nested(100_000, '[', ']')), [400]],
    [
      'of fifty thousand objects in each other',
      () => post(nested(25_000, '{"a":', '') + '1' + '}'.repeat(25_000)),
      [400],
    ],
    ['of arrays that never end', () => post('['.repeat(100_000)), [400]],
    ['of another type', () => rawRequest('POST', '/events', ['content-type: text/html'], '[]'), [415]],
    [
      'of a form',
      () => rawRequest('POST', '/events', ['content-type: multipart/form-data; boundary=x'], '--x--'),
      [400, 415],
    ],
    [
      'of two types',
      () => rawRequest('POST', '/events', [JSON_TYPE, 'content-type: text/html'], JSON.stringify(EVENT)),
      [200, 400, 415],
    ],
    ['that is packed', () => post(bomb, 'content-encoding: gzip'), [400, 413, 415]],
    ['that says it is packed', () => post(JSON.stringify(EVENT), 'content-encoding: gzip'), [400, 415]],
    ['of two lengths', () => post(JSON.stringify(EVENT), 'content-length: 3'), [400]],
    ['of a length and in pieces', () => post(JSON.stringify(EVENT), 'transfer-encoding: chunked'), [400]],
    ['with no host', () => 'GET /health HTTP/1.1\r\nconnection: close\r\n\r\n', [400]],
    ['that is no HTTP', () => 'hello\r\n\r\n', [400]],
    ['with a header of 100 KB', () => rawRequest('GET', '/health', [`x: ${'x'.repeat(100_000)}`]), [400, 431]],
    ['with a broken body', () => post('\xff\xfe['), [400]],
    ['for /track/../health', () => rawRequest('GET', '/track/../health'), [200, 400, 404]],
    ['for //track', () => rawRequest('GET', '//track'), [400, 404]],
    ['for %2e%2e', () => rawRequest('GET', '/assets/%2e%2e/%2e%2e/package.json'), [400, 404]],
    ['for /assets/../../package.json', () => rawRequest('GET', '/assets/../../package.json'), [400, 404]],
    ['for /assets/..%2f..%2fpackage.json', () => rawRequest('GET', '/assets/..%2f..%2fpackage.json'), [400, 404]],
    ['for a path with %00', () => rawRequest('GET', '/track%00'), [400, 404]],
    [
      'for an experiment with %00',
      () => rawRequest('GET', '/v1/experiments/%00', ['x-api-key: local']),
      [200, 400, 404],
    ],
    [
      'for an experiment with a broken escape',
      () => rawRequest('GET', '/v1/experiments/%E0%A4%A', ['x-api-key: local']),
      [200, 400, 404],
    ],
    ['for a path of 8,000 characters', () => rawRequest('GET', `/${'x'.repeat(8_000)}`), [400, 404, 414]],
    ['for a query of 8,000 characters', () => rawRequest('GET', `/track?experiment=${'x'.repeat(8_000)}`), [200, 414]],
    ['for everything', () => rawRequest('OPTIONS', '*'), [204, 400, 404]],
    ['of an unknown method', () => rawRequest('BREW', '/track'), [400, 404, 405, 501]],
    ['that traces', () => rawRequest('TRACE', '/track'), [400, 404, 405]],
    ['with a key that is no text', () => rawRequest('GET', '/v1/experiments', ['x-api-key: \xff\xfe']), [401]],
    ['with a key of 10 KB', () => rawRequest('GET', '/v1/experiments', [`x-api-key: ${'k'.repeat(10_240)}`]), [401]],
    ['with two keys', () => rawRequest('GET', '/v1/experiments', ['x-api-key: wrong', 'x-api-key: local']), [200, 401]],
  ])('%s is answered, and is no outage', async (_title, request, statuses) => {
    const { status, body } = await sendRaw(system.port, request());
    expect(statuses).toContain(status);
    expect(body).not.toMatch(/node_modules|\n\s+at |mem-ab/);
    expect((await fetch(`${system.url}/health`)).status).toBe(200);
  });

  test('that comes byte by byte keeps nobody waiting', async () => {
    const slow = Array.from({ length: 50 }, () => {
      const socket = connect(system.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(
        'POST /events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 100000\r\n\r\n[',
      );
      return socket;
    });
    for (let i = 0; i < 20; i += 1) {
      for (const socket of slow) socket.write(' ');
      const uuid = `while others dribble ${i}`;
      const answer = await fetch(
        `${system.url}/track?${new URLSearchParams({ ...EVENT, uuid, experiment: 'shop', variant: 'blue' }).toString()}`,
      );
      expect(answer.status).toBe(200);
    }
    for (const socket of slow) socket.destroy();
  });

  test('that is given up in the middle counts nothing', async () => {
    const socket = connect(system.port, '127.0.0.1');
    socket.write(
      `POST /events HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: 500\r\n\r\n${JSON.stringify(EVENT)}`,
    );
    socket.end();
    expect((await readAnswer(socket, 20)).status).not.toBe(200);
  });
});

describe('hostile names', () => {
  const NAMES = {
    html: '<img src=x onerror="alert(1)"></script><script>alert(2)</script>',
    formula: '=HYPERLINK("https://evil.example","x")',
    turned: '\u202eright to left\u2066',
    separators: 'a:b%3A{c}@0\u2028\u2029z',
    prototype: '__proto__',
  };
  const hostile = (name: string, i: number) => ({
    ...EVENT,
    experiment: 'shop',
    variant: 'blue',
    event: name,
    uuid: `hostile ${i}`,
  });
  const read = async (path: string) =>
    (await fetch(`${system.url}${path}`, { headers: { 'x-api-key': 'local' } })).text();

  test('with control characters are refused with the reason', async () => {
    for (const name of ['\u001b[2J\u001b]0;owned\u0007', 'a\nb', 'a\u0000b', '\u009b31m', '\ud800']) {
      const response = await fetch(`${system.url}/events`, {
        method: 'POST',
        body: JSON.stringify([hostile(name, 0)]),
      });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ accepted: 0, rejected: [{ code: 'bad_characters' }] });
    }
  });

  test('of prototypes are refused or counted as names, and leak nothing', async () => {
    const refused = [
      '{"__proto__":{"experiment":"doors"},"variant":"v","event":"e","uuid":"u"}',
      '{"__proto__":{"events":[1]}}',
    ];
    for (const body of refused) expect((await sendRaw(system.port, post(body))).status).toBe(400);
    const countWithout = [
      '{"experiment":"doors","variant":"v","event":"e","uuid":"u","segments":{"__proto__":{"x":1}}}',
      '{"experiment":"doors","variant":"v","event":"e","uuid":"u","constructor":{"prototype":{"x":1}}}',
    ];
    for (const body of countWithout) {
      const { status, body: answer } = await sendRaw(system.port, post(body));
      expect(status).toBe(200);
      expect(answer).toMatch(/"leftOut"/);
    }
    const tracked = await fetch(`${system.url}/track?__proto__=x&constructor=y&segment.__proto__=z`);
    expect(await tracked.json()).toMatchObject({ accepted: 0 });
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(
      (
        await fetch(`${system.url}/v1/experiment?experiment=shop&baseline=constructor`, {
          headers: { 'x-api-key': 'local' },
        })
      ).status,
    ).toBe(400);
  });

  test('come out of every door as text', async () => {
    const definition = {
      variants: ['control', 'blue'].map((name) => ({ name })),
      goals: { secondary: Object.values(NAMES).map((name) => ({ name })) },
    };
    const put = await fetch(`${system.url}/v1/experiment?experiment=shop`, {
      method: 'PUT',
      body: JSON.stringify(definition),
      headers: { 'x-api-key': 'local' },
    });
    expect(put.status).toBe(200);
    await sentAndCounted();
    const json = JSON.parse(await read('/v1/experiment?experiment=shop')) as { goals: { name: string }[] };
    expect(json.goals.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.values(NAMES)));

    const csv = await read('/v1/experiment?experiment=shop&format=csv');
    expect(csv).toContain(`"'=HYPERLINK(""https://evil.example"",""x"")"`);
    const html = join(folder, 'report.html');
    const terminal = [
      mem('report', 'shop', '--html', html),
      mem('report', 'shop'),
      mem('experiments', 'list'),
      mem('quarantine'),
    ];
    for (const { stdout, status } of terminal) {
      expect(status).toBe(0);
      expect(stdout).not.toMatch(CONTROL);
      expect(stdout).not.toMatch(/[\u2028\u2029]/);
    }
    expect(terminal[1]?.stdout).toContain('right to left');
    const written = readFileSync(html, 'utf8');
    expect(written).not.toContain('<img');
    expect(written).not.toContain('<script');
    expect(written).toContain('&#60;img');
  });

  /** A definition that names the goals lets them in, whoever has taken the places; it is known within half a minute. */
  async function sentAndCounted(): Promise<void> {
    let tries = 0;
    await waitUntil(
      'the goals with hostile names are counted',
      async () => {
        tries += 1;
        const events = Object.values(NAMES).map((name, i) => hostile(name, 1_000 * tries + i));
        await fetch(`${system.url}/events`, { method: 'POST', body: JSON.stringify(events) });
        const { goals } = JSON.parse(await read('/v1/experiment?experiment=shop')) as {
          goals: { name: string; received: boolean }[];
        };
        return Object.values(NAMES).every((name) => goals.some((goal) => goal.name === name && goal.received));
      },
      90,
    );
  }
});
