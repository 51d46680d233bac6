import { describe, expect, test } from '@jest/globals';
import { toInsideArgs, toResumed } from '../../../cli/inside.ts';

describe('a command line that is run inside', () => {
  test.each([
    ['generations list', ['--stage', 'prod', 'generations'], ['generations']],
    [
      'generations list',
      ['generations', '--json', '--stage=prod', '--region', 'eu-central-1'],
      ['generations', '--json'],
    ],
    ['report', ['report', 'replay'], ['report', 'replay']],
    ['report', ['report', 'a=b', '--segment', 'platform=ios'], ['report', 'a=b', '--segment', 'platform=ios']],
    ['replay', ['replay', '--dry-run'], ['replay', '--dry-run', '--for', '120']],
    ['replay', ['replay', '--for', '60'], ['replay', '--for', '60']],
  ])('%s: %j becomes %j', (command, argv, args) => {
    expect(toInsideArgs(command, argv)).toEqual({ args });
  });

  test('prints what is to be a file here', () => {
    expect(toInsideArgs('report', ['report', 'x', '--html=x.html', '--stage', 'p'])).toEqual({
      args: ['report', 'x', '--html', '-'],
      saveTo: 'x.html',
    });
  });

  test('is gone on with where it was', () => {
    const said =
      'g1 is served; counting the stream again into g2\ng2 is incomplete; resume it with: mem replay --resume g2\n';
    expect(toResumed(['replay', '--for', '120'], said)).toEqual(['replay', '--for', '120', '--resume', 'g2']);
    expect(toResumed(['replay', '--resume', 'g2', '--for', '120'], said)).toEqual([
      'replay',
      '--for',
      '120',
      '--resume',
      'g2',
    ]);
    expect(toResumed(['replay'], 'nothing')).toBeUndefined();
  });
});
