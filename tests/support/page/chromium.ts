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
  // Else pages see `navigator.webdriver`, and are not counted.
  '--disable-blink-features=AutomationControlled',
];

/** Starts the system's Chromium, without a window and without anything that it would fetch by itself; with more flags. */
export function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const executablePath = findSystemProgram('chromium', (line) => process.stderr.write(`${line}\n`));
  return chromium.launch({ executablePath, args: [...flags, ...more] });
}
