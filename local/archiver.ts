import { archive } from '../shared/counting/log/archive.ts';
import { readArchiveConfig } from '../shared/runtime/config.ts';
import { connectArchive } from '../shared/stores/connect-archive.ts';
import type { Schedule } from './schedules.ts';

const EVERY_MS = 60_000;
/** Some hundred bytes each while a file is made, all of them at once. */
const MAX_ROWS = 100_000;

/** What writes counted events into the event log; nothing where none is kept. */
export async function createArchiver(
  environment: Record<string, string>,
  warn: (line: string) => void,
): Promise<Schedule[]> {
  const config = readArchiveConfig(environment);
  if (config.eventLog === '') return [];
  const stores = await connectArchive(config, (what, reason) => warn(`${what}: ${reason}`));
  const ignore = () => undefined;
  const deps = { ...stores, maxRows: MAX_ROWS, onFile: ignore, onBehind: ignore };
  return [
    {
      name: 'writing the event log',
      everyMs: EVERY_MS,
      run: (signal) => archive(deps, () => (signal.aborted ? 0 : Infinity)),
    },
  ];
}
