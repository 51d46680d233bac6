import { hash, randomBytes } from 'node:crypto';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { SHOWN_DIGITS, type Role } from '../../../shared/stores/dynamodb/api-keys.ts';
import { withTables } from '../../stores.ts';
import { addListByDefault } from '../../arguments.ts';
import { printable, tableLines } from '../../output/table.ts';

/** 256 bits: nobody guesses one, so a plain digest is enough to keep. */
const KEY_BYTES = 32;

/** `mem keys add|list|remove` */
export function addKeysCommand(program: Command): void {
  const keys = program
    .command('keys')
    .description('make and revoke the keys of the report API')
    .addHelpText(
      'after',
      '\nExamples:\n  mem keys\n  mem keys add --role admin --stage prod\n  mem keys remove 3f9a1c',
    );

  addListByDefault(keys)
    .description('show the digests of the valid keys and what they may do')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExamples:\n  mem keys\n  mem keys list --stage prod --json')
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      await withTables(command, async ({ apiKeys }) => {
        const known = await apiKeys.list();
        const rows = known.map(({ digest, role, label, created, lastUsed }) => [
          digest.slice(0, SHOWN_DIGITS),
          role,
          created ?? 'by an earlier version',
          lastUsed ?? 'not seen',
          printable(label),
        ]);
        const lines = tableLines([['digest', 'role', 'created', 'last used', 'label'], ...rows]);
        const shown = known.length === 0 ? 'no keys yet: mem keys add' : lines.join('\n');
        process.stdout.write(json ? `${JSON.stringify(known)}\n` : `${shown}\n`);
      });
    });

  keys
    .command('add')
    .description('make a key and print it, once: only its digest is kept')
    .addOption(
      new Option('--role <role>', 'read sees reports, admin may also change and delete')
        .choices(['read', 'admin'])
        .default('read'),
    )
    .option('--label <text>', 'whose it is, or what for', parseLabel, '')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  mem keys add --label "the dashboard in the office"\n  mem keys add --role admin --stage prod',
    )
    .action(async ({ role, label, json }: { role: Role; label: string; json?: boolean }, command: Command) => {
      await withTables(command, async ({ apiKeys }) => {
        const key = randomBytes(KEY_BYTES).toString('base64url');
        await apiKeys.add(key, role, label);
        const digest = hash('sha256', key, 'hex');
        process.stdout.write(json ? `${JSON.stringify({ key, role, digest, label })}\n` : `${key}\n`);
        const may = role === 'admin' ? 'read, change and delete' : 'read';
        process.stderr.write(`It may ${may} within half a minute from now, and is shown this once.\n`);
        process.stderr.write(`To revoke it: mem keys remove ${digest.slice(0, SHOWN_DIGITS)}\n`);
      });
    });

  keys
    .command('remove <digest>')
    .description('revoke the key whose digest begins so; it stops working within half a minute')
    .addHelpText('after', '\nExample:\n  mem keys remove 3f9a1c')
    .action(async (beginning: string, _options: unknown, command: Command) => {
      await withTables(command, async ({ apiKeys }) => {
        const found = (await apiKeys.list()).filter(({ digest }) => digest.startsWith(beginning.toLowerCase()));
        const [key] = found;
        if (!key || found.length > 1) {
          throw new Error(
            `expected how the digest of one key begins, got ${JSON.stringify(beginning)}: ${found.length} begin so (mem keys shows them)`,
          );
        }
        await apiKeys.remove(key.digest);
        process.stdout.write(`${key.digest.slice(0, SHOWN_DIGITS)} is revoked.\n`);
      });
    });
}

const LONGEST_LABEL = 100;

function parseLabel(text: string): string {
  if (text.length > LONGEST_LABEL) throw new InvalidArgumentError(`expected at most ${LONGEST_LABEL} characters.`);
  return text;
}
