import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Command } from 'commander';
import { createProgram } from '../../cli/program.ts';

const pages = execFileSync('git', ['ls-files', '*.md'], { encoding: 'utf8' }).trim().split('\n');
const program = createProgram();

/** What a page tells its reader to type, or names: `mem-ab keys add --role read`, in a text or in a block. */
function commandsOf(page: string): string[] {
  const text = readFileSync(page, 'utf8');
  const spans = [...text.matchAll(/`(?:npx )?mem(?:-ab)? ([^`\n]+)`/g)];
  const lines = [...text.matchAll(/^ *(?:npx )?mem-ab ([^`\n]+)$/gm)];
  return [...spans, ...lines].map(([, command = '']) => command);
}

/** What is wrong with a command as it is written; undefined where nothing is. */
function faultOf(written: string): string | undefined {
  const words = (written.split(/ #| \||&&| >/)[0] ?? '').trim().split(/\s+/);
  let command: Command = program;
  for (const word of words) {
    const next = command.commands.find((below) => below.name() === word);
    if (!next) break;
    command = next;
  }
  if (command === program && !words[0]?.startsWith('-') && !['COMMAND', '…'].includes(words[0] ?? '')) {
    return `no command ${words[0] ?? ''}`;
  }
  const below = command.commands.map((name) => [...name.options]).flat(); // `mem keys --json` is `mem keys list --json`
  const known = [...command.options, ...below, ...program.options].map(({ long }) => long);
  return words
    .filter((word) => word.startsWith('--'))
    .find((word) => !['--help', ...known].includes(word.split('=')[0] ?? ''));
}

describe('every command that a page names exists, with its options', () => {
  test.each(pages.map((page) => [page, commandsOf(page)] as const).filter(([, commands]) => commands.length > 0))(
    '%s',
    (_, commands) => {
      const faults = commands.flatMap((command) => {
        const fault = faultOf(command);
        return fault === undefined ? [] : [`${command}: ${fault}`];
      });
      expect(faults).toEqual([]);
    },
  );

  test('a command that is none, and an option that is none, are found', () => {
    expect(faultOf('frobnicate --stage prod')).toBe('no command frobnicate');
    expect(faultOf('keys add --frob')).toBe('--frob');
    expect(faultOf('keys add --role read')).toBeUndefined();
  });
});

/** Pages whose blocks are typed as they stand. */
const TYPED = pages.filter((page) => /^README|(quickstart|operations|commands|from-\w+)\.md$/.test(page));

test.each(TYPED)('the shell understands the blocks of %s', (page) => {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/^ *```(\w*)\n([^]*?)^ *```/gm)];
  const typed = blocks.filter(([, language = '']) => ['', 'sh'].includes(language));
  expect(typed).not.toEqual([]);
  for (const [, , block = ''] of typed) execFileSync('sh', ['-n', '-c', block]);
});

test('a folder without the package has no command mem that a stranger could have named so', () => {
  expect(pages.filter((page) => readFileSync(page, 'utf8').includes('npx mem '))).toEqual([]);
});
