import { chromium, type Browser } from 'playwright-core';
import { findSystemProgram } from '../../local/system-program.ts';

/** The system's Chromium, without anything that it would do on the network by itself. */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: findSystemProgram('chromium', (line) => process.stderr.write(`${line}\n`)),
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
