import type { Command } from 'commander';
import type { AllStores } from '../shared/stores/connect.ts';
import type { Tables } from './connect.ts';
import { findSystem, type SystemOptions } from './system.ts';

/**
 * Does a command's work on the stores of the system that it is for, and closes them whatever happens. Where its Redis
 * cannot be reached from here, the whole command line is run where it can.
 */
export async function withStores(command: Command, work: (stores: AllStores) => Promise<void>): Promise<void> {
  const system = await findSystem(command.optsWithGlobals<SystemOptions>());
  if (system.inside !== undefined) {
    const { runInside } = await import('./inside/run-inside.ts');
    process.exitCode = await runInside(system.inside, process.argv.slice(2));
    return;
  }
  const { connect } = await import('./connect.ts'); // only now: help needs no AWS SDK
  await closing(await connect(system), work);
}

/** The same for work that needs no Redis. */
export async function withTables(command: Command, work: (tables: Tables) => Promise<void>): Promise<void> {
  const { connectTables } = await import('./connect.ts');
  await closing(connectTables(await findSystem(command.optsWithGlobals<SystemOptions>())), work);
}

async function closing<T extends { close: () => void }>(opened: T, work: (opened: T) => Promise<void>): Promise<void> {
  try {
    await work(opened);
  } finally {
    opened.close();
  }
}

/** The stores as functions/report wants them. */
export function reportDeps(stores: AllStores) {
  return { ...stores, counters: stores.counterReader };
}
