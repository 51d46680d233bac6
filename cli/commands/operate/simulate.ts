import type { Command } from 'commander';
import { DEFAULT_NAMESPACE } from '../../../shared/contract/event.ts';
import { createBar } from '../../output/progress.ts';
import {
  parseCount,
  parseExperiment,
  parseGoal,
  parseSegment,
  parseShare,
  parseUrl,
  parseVariants,
} from '../../arguments.ts';
import { planSimulation, type Expected, type SimulationOptions } from '../../simulate/plan.ts';
import { realSendDeps, sendPlan } from '../../simulate/send.ts';
import { findSystem, isNamed, LOCAL_URL, type SystemOptions } from '../../system.ts';
import { tableLines } from '../../output/table.ts';

interface Options extends Omit<SimulationOptions, 'goals' | 'segments' | 'experiment'> {
  url?: string;
  goal?: SimulationOptions['goals'];
  segment?: SimulationOptions['segments'];
  json?: boolean;
}

const GOALS = [
  { name: 'clicked', rates: [0.1, 0.12] },
  { name: 'bought', rates: [0.02, 0.02], value: 30 },
];

/** `mem simulate` */
export function addSimulateCommand(program: Command): void {
  program
    .command('simulate')
    .description('send the events of simulated visitors, and say what must be counted')
    .argument('[experiment]', 'its name', parseExperiment, 'demo')
    .option('--url <url>', `the ingest endpoint, unless that of the system (${LOCAL_URL})`, parseUrl)
    .option('--namespace <name>', 'the namespace of the experiment', DEFAULT_NAMESPACE)
    .option('--visitors <number>', 'how many visitors', parseCount, 2_000)
    .option('--variants <names>', 'with weights', parseVariants, parseVariants('control:1,blue:1'))
    .option(
      '--goal <goal>',
      'rates by variant, and what it is worth on average: clicked=0.1,0.12 bought=0.02@30',
      parseGoal,
    )
    .option('--segment <segment>', 'values with weights: platform=ios:3,web:7', parseSegment)
    .option('--duplicates <share>', 'share of events that are sent twice', parseShare, 0.05)
    .option('--late <share>', 'share of goals that come long after the exposure', parseShare, 0.1)
    .option('--bad <share>', 'share of events to each of which an invalid one is added', parseShare, 0.01)
    .option('--seed <number>', 'the same seed makes the same visitors, who count once', parseCount, 1)
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  mem simulate demo --visitors 20000 --goal clicked=0.1,0.13 --segment platform=ios:3,web:7',
    )
    .action(async (experiment: string, { goal = GOALS, segment = [], json, ...given }: Options, command: Command) => {
      const url = given.url ?? (await findEndpoint(command.optsWithGlobals<SystemOptions>()));
      const plan = planSimulation({ ...given, experiment, goals: goal, segments: segment });
      const bar = createBar(process.stderr, plan.events, 'events', Date.now);
      try {
        const { accepted, rejected } = await sendPlan(url, plan, { ...realSendDeps, onAnswer: bar.add });
        bar.end();
        const result = { sent: plan.events, accepted, refused: rejected, expected: plan.expected };
        process.stdout.write(json ? `${JSON.stringify(result)}\n` : `${summary(result).join('\n')}\n`);
        process.stderr.write(`They are counted within seconds: mem report ${JSON.stringify(experiment)}\n`);
        if (rejected === plan.refused && accepted === plan.events - plan.refused) return;
        throw new Error(
          `expected ${plan.events - plan.refused} accepted and ${plan.refused} rejected events, got ${accepted} and ${rejected}`,
        );
      } finally {
        bar.end();
      }
    });
}

async function findEndpoint(options: SystemOptions): Promise<string> {
  const system = isNamed(options) ? await findSystem(options) : undefined;
  return system?.urls.api ?? LOCAL_URL;
}

function summary({
  sent,
  accepted,
  refused,
  expected,
}: {
  sent: number;
  accepted: number;
  refused: number;
  expected: Expected[];
}): string[] {
  const header = [
    'variant',
    'participants',
    ...(expected[0]?.goals.flatMap(({ name }) => [name, 'visitors', 'value']) ?? []),
  ];
  const rows = expected.map(({ variant, participants, goals }) => [
    variant,
    String(participants),
    ...goals.flatMap(({ conversions, visitors, value }) => [String(conversions), String(visitors), String(value)]),
  ]);
  return [
    `${sent} events sent: ${accepted} accepted, ${refused} rejected as they should be.`,
    'What must be counted of them:',
    ...tableLines([header, ...rows], new Set(header.map((_, i) => i).filter((i) => i > 0))),
  ];
}
