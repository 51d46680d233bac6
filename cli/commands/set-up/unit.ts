import { createHmac } from 'node:crypto';
import type { Command } from 'commander';
import { DEFAULT_NAMESPACE } from '../../../shared/contract/event.ts';
import { isUsableUnit } from '../../../shared/contract/unusable-unit.ts';

/** How the SDK of a site is set up, as far as its visitors' names hang on it. */
export interface UnitSettings {
  /** What the context calls the visitor's id. */
  as: string;
  namespace: string;
  /** The SDK's `keySecret`; empty for none. */
  secret: string;
}

/** `mem unit` */
export function addUnitCommand(program: Command): void {
  program
    .command('unit')
    .description('what the SDK calls a visitor on the wire, in all experiments of a namespace')
    .argument('<id>', 'the visitor, as the context says: a user id, or what visitorId() answers')
    .option('--as <name>', 'what the context calls the id', 'userId')
    .option('--namespace <name>', 'the namespace of the experiments', DEFAULT_NAMESPACE)
    .addHelpText(
      'after',
      '\nA keySecret is read from MEM_KEY_SECRET, so that it stands in no history of a shell.\n' +
        '\nExamples:\n  mem unit 42\n  mem unit 0af7651916cd43dd8448eb211c80319c --as visitor --namespace shop',
    )
    .action((id: string, { as, namespace }: Omit<UnitSettings, 'secret'>) => {
      process.stdout.write(`${unitOf(id, { as, namespace, secret: process.env.MEM_KEY_SECRET ?? '' })}\n`);
    });
}

/**
 * See "Unit" in docs/sdk-spec.md.
 * @throws Error where the id tells nobody apart
 */
export function unitOf(id: string, { as, namespace, secret }: UnitSettings): string {
  if (!isUsableUnit(id)) {
    throw new Error(`expected an id that tells visitors apart, got ${JSON.stringify(id)}: no event of it would count`);
  }
  return createHmac('sha256', secret)
    .update(JSON.stringify([namespace, { [as]: id }]))
    .digest('hex');
}
