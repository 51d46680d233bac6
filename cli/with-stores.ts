import type { Command } from 'commander';
import type { AllStores } from '../shared/stores.ts';
import { connect, type SystemOptions } from './connect.ts';

/** Does a command's work on the stores of the system that it is for, and closes them whatever happens. */
export async function withStores(command: Command, work: (stores: AllStores) => Promise<void>): Promise<void> {
  const stores = await connect(command.optsWithGlobals<SystemOptions>());
  try {
    await work(stores);
  } finally {
    stores.close();
  }
}

/** The stores as functions/report wants them. */
export function reportDeps(stores: AllStores) {
  return { ...stores, counters: stores.counterReader };
}
