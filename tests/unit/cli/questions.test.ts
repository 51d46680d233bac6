import { describe, expect, test } from '@jest/globals';
import type { Ask } from '../../../cli/configure/questions.ts';
import { askForSettings } from '../../../cli/configure/questions.ts';
import { Cancelled } from '../../../cli/outcome.ts';
import type { MemConfig } from '../../../deploy/config.cjs';

/** Somebody who answers a question by what it begins with, and else takes what is offered. */
function somebody(answers: Record<string, string>) {
  const refused: string[] = [];
  const asked: string[] = [];
  const answerTo = (message: string, offered: string): string => {
    asked.push(message);
    const [, answer = offered] = Object.entries(answers).find(([beginning]) => message.startsWith(beginning)) ?? [];
    if (answer === 'Ctrl-C') throw new Cancelled();
    return answer;
  };
  const checked = (answer: string, validate: (answer: string) => string | undefined): string => {
    const fault = validate(answer);
    if (fault !== undefined) refused.push(fault);
    return answer;
  };
  const ask: Ask = {
    text: ({ message, initial, validate }) =>
      Promise.resolve().then(() => checked(answerTo(message, initial), validate)),
    secret: ({ message, validate }) => Promise.resolve().then(() => checked(answerTo(message, ''), validate)),
    choice: (message, _options, initial) => Promise.resolve().then(() => answerTo(message, initial)),
    yes: (message, initial) => Promise.resolve().then(() => answerTo(message, String(initial)) === 'true'),
  };
  return { ask, refused, asked };
}

const BEFORE: MemConfig = {
  region: 'eu-central-1',
  stage: 'prod',
  redisUrl: 'rediss://user:secret@redis.example:6379',
  trackPaths: ['/e', '/x'],
  eventLog: false,
  limits: { goals: 5 },
};

describe('the questions of mem configure', () => {
  test('what is set already is offered, and taken with Enter; what nobody asks for stays', async () => {
    const { ask, refused, asked } = somebody({});
    expect(await askForSettings(BEFORE, ask)).toEqual(BEFORE);
    expect(refused).toEqual([]);
    expect(asked.join()).not.toContain('secret');
  });

  test('nothing is set where everything is left empty', async () => {
    expect(await askForSettings({}, somebody({}).ask)).toEqual({});
  });

  test('an answer that is left empty takes a setting away', async () => {
    const { eventLog, limits, redisUrl } = BEFORE;
    const { ask } = somebody({ 'AWS region': '', 'Which installation': '', 'Further paths': ' , ' });
    expect(await askForSettings(BEFORE, ask)).toEqual({ eventLog, limits, redisUrl });
  });

  test('another Redis takes the place of the one before', async () => {
    const { ask } = somebody({
      'Which Redis': 'parameter',
      'Name of the SSM': '/shop/redis',
      'Whether that Redis': 'true',
    });
    const { region, stage, trackPaths, eventLog, limits } = BEFORE;
    const others = { region, stage, trackPaths, eventLog, limits };
    expect(await askForSettings(BEFORE, ask)).toEqual({
      ...others,
      redisUrlParameter: '/shop/redis',
      redisCluster: true,
    });
    expect(await askForSettings(BEFORE, somebody({ 'Which Redis': 'own' }).ask)).toEqual(others);
  });

  test.each([
    ['AWS region', 'mars', 'eu-central-1'],
    ['Which installation', 'Prod', 'prod'],
    ['Further paths', 'e', '/e,/collect'],
    ['Sites whose pages', 'shop.example', 'https://shop.example'],
    ['Who is told', 'nobody', 'team@shop.example'],
    ['URL of Redis', 'redis.example:6379', 'rediss://user:password@host:6379'],
  ])('an answer to "%s" is checked at once: %s is refused with an example', async (question, answer, example) => {
    const { ask, refused } = somebody({ [question]: answer, 'Which Redis': 'url' });
    await askForSettings({}, ask);
    expect(refused).toContainEqual(expect.stringContaining(`Expected something such as ${example}`));
  });

  test('a URL or a parameter has to be named where it is chosen', async () => {
    for (const choice of ['url', 'parameter']) {
      const { ask, refused } = somebody({ 'Which Redis': choice });
      await askForSettings({}, ask);
      expect(refused).toHaveLength(1);
    }
  });

  test('Ctrl-C ends the questions', async () => {
    await expect(askForSettings(BEFORE, somebody({ 'Further paths': 'Ctrl-C' }).ask)).rejects.toThrow(Cancelled);
  });
});
