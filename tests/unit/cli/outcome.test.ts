import { describe, expect, test } from '@jest/globals';
import { EXIT, tellFailure, UsageError } from '../../../cli/outcome.ts';

function told(error: unknown): { code: number; text: string } {
  let text = '';
  const code = tellFailure(error, false, { write: (written: string) => (text += written) });
  return { code, text };
}

describe('how a failure is told', () => {
  test('in one sentence, with an exit code', () => {
    expect(told(new Error('expected a, got b'))).toEqual({ code: EXIT.failed, text: 'mem: expected a, got b\n' });
    expect(told(new UsageError('say --yes')).code).toBe(EXIT.wrongUsage);
  });

  test('names in it can neither colour the terminal nor turn its text around; lines stay lines', () => {
    expect(told(new Error('key \u001b[31mred\u202e\n  second fault\n')).text).toBe(
      'mem: key \ufffd[31mred\ufffd\n  second fault\n',
    );
  });

  test('words of a client become words about the system', () => {
    const retries = Object.assign(new Error('Refer to "maxRetriesPerRequest"'), { name: 'MaxRetriesPerRequestError' });
    expect(told(retries).text).toBe('mem: Redis does not answer\n');
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    expect(told(refused).text).toContain('is the system running?');
  });
});
