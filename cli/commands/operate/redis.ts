import type { Command } from 'commander';
import type { Place } from '../../../shared/stores/redis/owner.ts';
import { UsageError } from '../../outcome.ts';
import { withOwner } from '../../stores.ts';

interface TakeOptions {
  erase?: boolean;
  keepCounters?: boolean;
  yes?: boolean;
}

/** `mem redis [show]|take` */
export function addRedisCommand(program: Command): void {
  const redis = program
    .command('redis')
    .description('show whose counters are in Redis, and take a place over')
    .addHelpText('after', '\nExamples:\n  mem redis\n  mem redis take --erase --yes --stage prod');

  redis
    .command('show', { isDefault: true })
    .description('say which installation owns the place where this one counts')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  mem redis --stage prod')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      await withOwner(command, async (owner) => {
        const place = await owner.look();
        process.stdout.write(json ? `${JSON.stringify(place)}\n` : `${placeLines(place).join('\n')}\n`);
      });
    });

  redis
    .command('take')
    .description('make the place where this installation counts its own, whosever it was')
    .option('--erase', 'delete the counters that are there; those of this installation are counted again')
    .option('--keep-counters', 'count on with them: they are its own, and its state table was lost')
    .option('--yes', 'confirm')
    .addHelpText('after', TAKE_HELP)
    .action(async ({ erase = false, keepCounters = false, yes }: TakeOptions, command: Command) => {
      if (erase === keepCounters) throw new UsageError('say what becomes of the counters: --erase or --keep-counters');
      if (!yes) throw new UsageError('whoever counts there now can no longer do so: confirm with --yes');
      await withOwner(command, async (owner) => {
        await owner.seize(erase);
        const { prefix } = await owner.look();
        process.stdout.write(`${prefix} is this installation's now. ${erase ? COUNTED_AGAIN : COUNTED_ON}\n`);
      });
    });
}

const COUNTED_AGAIN =
  'What its stream holds is counted again within five minutes; mem status shows how far. What is older is lost.';
const COUNTED_ON = 'Its counters are gone on with as they are.';

const TAKE_HELP = `
Two installations with one place in Redis would mix their counters, so the second one
counts nothing: its events wait in its stream. Better than taking the place is another
one: mem configure --set 'redisPrefix={mem:NAME}', or another Redis, and a deployment.

Examples:
  mem redis take --erase --yes          a removed stage has left its counters behind
  mem redis take --keep-counters --yes  the state table was lost and made anew`;

const OWNERS: Record<Place['owner'], string> = {
  'this installation': 'this installation',
  'another installation': 'another installation: nothing is counted or read there for this one',
  unknown: 'unknown: counters of a version without owners',
  nobody: 'nobody: nothing is there',
};

function placeLines({ prefix, owner, stateTable, generation, streams }: Place): string[] {
  return [
    `place    ${prefix}`,
    `owner    ${OWNERS[owner]}`,
    ...(stateTable === undefined ? [] : [`         state table ${stateTable}`]),
    ...(generation === undefined ? [] : [`active   ${generation}`]),
    ...streams.map((stream) => `stream   ${stream}`),
  ];
}
