import { chromium, type Browser } from 'playwright-core';
import { findSystemProgram } from '../../../local/system-program.ts';

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the system's Chromium, without a window and without anything that it would fetch by itself. */
export function launchChromium(): Promise<Browser> {
  const executablePath = findSystemProgram('chromium', (line) => process.stderr.write(`${line}\n`));
  return chromium.launch({ executablePath, args: flags });
}
