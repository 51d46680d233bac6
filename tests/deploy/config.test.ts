import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { checkConfig, FILE_NAME, readConfig } from '../../deploy/config.cjs';

const faultsOf = (config: unknown): string => {
  try {
    checkConfig(config);
    return '';
  } catch (error) {
    return String(error);
  }
};

describe('mem.config.json', () => {
  test.each([
    [{ region: 'Mars' }, 'region: expected something such as eu-central-1, got "Mars"'],
    [{ trackPaths: ['/e', 'track'] }, 'trackPaths.1: expected something such as /e, got "track"'],
    [{ retentionHours: 5 }, 'retentionHours: expected >= 24, got 5'],
    [{ limits: { goals: 'many' } }, 'limits.goals: expected integer, got "many"'],
    [{ throttling: { burst: 5 } }, 'throttling.requestsPerSecond is missing'],
    [{ limits: { colours: 5 } }, 'limits.colours is not a setting'],
    [{ archive: true }, 'archive is not a setting any more: the event log has taken its place'],
  ])('%j: what was expected, and what came', (config, fault) => {
    expect(faultsOf(config)).toContain(fault);
  });

  test('names every fault at once', () => {
    expect(faultsOf({ region: 'Mars', eventLog: 'yes', alarmEmail: 3 })).toMatch(/region: .*eventLog: .*alarmEmail: /);
  });

  test('does not repeat a URL of Redis, which may hold a password', () => {
    expect(faultsOf({ redisUrl: 'http://user:secret@host' })).toMatch(/redisUrl: expected something such as rediss:/);
    expect(faultsOf({ redisUrl: 'http://user:secret@host' })).not.toContain('secret');
  });

  test.each(['[]', '"eu-central-1"', 'null', '{bad'])('%s is no settings', (text) => {
    const folder = mkdtempSync(join(tmpdir(), 'mem-config-'));
    writeFileSync(join(folder, FILE_NAME), text);
    expect(() => readConfig(folder, {})).toThrow(/mem\.config\.json: expected /);
    rmSync(folder, { recursive: true });
  });
});
