import type { Command } from 'commander';
import { EXIT } from '../../outcome.ts';
import { printable } from '../../output/table.ts';
import { withStores } from '../../stores.ts';
import { verify, type Verification } from '../../verify/verify.ts';

/** `mem verify` */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description('check the counters against checkpoints, recorded losses, and each other')
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      await withStores(command, async (stores) => {
        const verification = await verify(stores);
        const lines = json ? [JSON.stringify(verification)] : verificationLines(verification);
        process.stdout.write(`${lines.join('\n')}\n`);
        process.exitCode = EXITS[verification.verdict];
      });
    });
}

const HELP = `
Exit code 0 where the counters are whole; 75 while they are being rebuilt; 1 where
something is lost that does not come back by itself.

Examples:
  mem verify
  mem verify --stage prod --json`;

const EXITS: Record<Verification['verdict'], number> = {
  whole: EXIT.done,
  rebuilding: EXIT.unfinished,
  lost: EXIT.failed,
};

const SHOWN_FAULTS = 20;

export function verificationLines({
  verdict,
  active,
  experiments,
  events,
  rebuilding,
  losses,
  faults,
}: Verification): string[] {
  const counted = `${experiments.toLocaleString('en')} experiments, ${events.toLocaleString('en')} events${active === null ? '' : ` in ${active}`}`;
  return [
    `${VERDICTS[verdict]}: ${counted}`,
    ...rebuilding.map(({ shard, soFar }) =>
      printable(`  ${shard}: being rebuilt, so far up to ${soFar ?? 'its newest record'}`),
    ),
    ...losses.map(({ shard, countedSince, experiments: concerned }) =>
      printable(`  ${shard}: records are lost, counts are whole since ${countedSince}: ${concernedBy(concerned)}`),
    ),
    ...faults
      .slice(0, SHOWN_FAULTS)
      .map(({ namespace, experiment, fault }) =>
        printable(`  ${experiment === undefined ? 'all experiments' : `${namespace}/${experiment}`}: ${fault}`),
      ),
    ...(faults.length > SHOWN_FAULTS ? [`  … and ${faults.length - SHOWN_FAULTS} more (--json)`] : []),
    ...(faults.length > 0 ? [REPAIR] : []),
  ];
}

const VERDICTS: Record<Verification['verdict'], string> = {
  whole: 'Whole',
  rebuilding: 'Being rebuilt',
  lost: 'Lost',
};

const REPAIR =
  'Keys are missing in Redis: mem replay counts again what the stream holds, and says before it switches whether that is everything.';

function concernedBy(experiments: number): string {
  return experiments === 0
    ? 'no experiment that lives had events then'
    : `${experiments} experiments may have had events then`;
}
