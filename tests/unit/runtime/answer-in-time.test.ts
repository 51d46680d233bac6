import { describe, expect, test } from '@jest/globals';
import { answerInTime } from '../../../shared/runtime/answer-in-time.ts';

const never = new Promise<string>(() => undefined);

describe('an answer in time', () => {
  test('is what the work comes to, and leaves no timer behind', async () => {
    const before = timers();
    expect(await answerInTime(Promise.resolve('done'), 60_000, 'late')).toBe('done');
    expect(timers()).toBe(before);
  });

  test('is the late one where the work does not end', async () => {
    expect(await answerInTime(never, 5, 'late')).toBe('late');
  });

  test('is the late one at once where no time is left', async () => {
    expect(await answerInTime(never, -400, 'late')).toBe('late');
  });

  test('fails as the work does', async () => {
    await expect(answerInTime(Promise.reject(new Error('broken')), 1_000, 'late')).rejects.toThrow('broken');
  });

  test('keeps the process alive until then: Lambda answers null for one that has nothing left to wait for', async () => {
    const before = timers();
    const answer = answerInTime(never, 20, 'late');
    expect(timers()).toBe(before + 1);
    await answer;
  });
});

/** How many timers keep this process alive. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
}
