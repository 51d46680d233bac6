import { rmSync } from 'node:fs';
import './start-servers.ts';

/** After all tests. */
export default async function stop(): Promise<void> {
  if (!globalThis.memServers) return;
  await globalThis.memServers.servers.stop();
  rmSync(globalThis.memServers.folder, { recursive: true, force: true });
}
