import { engines } from '../../package.json';
import { FILE_NAME, readConfig, type MemConfig } from '../../deploy/config.cjs';
import { reasonOf } from '../outcome.ts';
import { withoutSecrets } from '../configure/config-file.ts';
import type { Check } from './finding.ts';

/** Whether the settings of a folder are right. @param read throws where they are not */
export function checkConfiguration(read: () => MemConfig): Check {
  return {
    name: 'configuration',
    look() {
      try {
        const names = Object.keys(withoutSecrets(read()));
        return { status: 'ok', found: names.length === 0 ? 'everything as usual' : `sets ${names.join(', ')}` };
      } catch (error) {
        return {
          status: 'problem',
          found: reasonOf(error),
          advice: `correct ${FILE_NAME} or the environment; mem configure writes it`,
        };
      }
    },
  };
}

/** The settings; undefined where they are wrong: one check says so, and the others go on. */
export function configOrNone(folder: string): MemConfig | undefined {
  try {
    return readConfig(folder);
  } catch {
    return undefined;
  }
}

/** @param version such as 20.19.0 */
export function checkNode(version: string): Check {
  const least = engines.node.replace('>=', '');
  return {
    name: 'Node',
    look: () =>
      version.localeCompare(least, 'en', { numeric: true }) >= 0
        ? { status: 'ok', found: version }
        : { status: 'problem', found: version, advice: `install Node ${least} or newer` },
  };
}
