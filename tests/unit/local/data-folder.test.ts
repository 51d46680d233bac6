import { afterAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { makeDataFolder } from '../../../local/data/folder.ts';
import { takeLock } from '../../../local/data/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'mem-data-'));
const other = mkdtempSync(join(tmpdir(), 'mem-data-'));
afterAll(() => {
  for (const path of [folder, other]) rmSync(path, { recursive: true, force: true });
});

describe('the data folder', () => {
  test('is made with those above it', () => {
    const deep = join(folder, 'a', 'b', 'c');
    makeDataFolder(deep);
    makeDataFolder(deep);
    expect(existsSync(deep)).toBe(true);
  });

  test('that cannot be made is named, with what to do', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
    const paths = [file, join(file, 'below'), join(folder, 'link'), ...(existsSync('/proc/self') ? ['/proc/x/y'] : [])];
    for (const path of paths) {
      expect(() => makeDataFolder(path)).toThrow(
        new RegExp(`^the data folder ${path} cannot be used: .*; give one that can be written to with --data\\.$`),
      );
    }
  });
});

describe('the lock of a data folder', () => {
  test('is had by one, by whatever path, until it is given back', async () => {
    const link = join(other, 'link');
    symlinkSync(folder, link);
    const giveBack = await takeLock(folder);
    expect(readFileSync(join(folder, 'lock'), 'utf8')).toBe(String(process.pid));
    await expect(takeLock(link)).rejects.toThrow(
      `process ${process.pid} runs on ${link} already; stop it, or give another folder with --data.`,
    );
    giveBack();
    expect(existsSync(join(folder, 'lock'))).toBe(false);
    (await takeLock(link))();
  });

  test('does not go by the id of a process in a note: it may be anybody’s', async () => {
    writeFileSync(join(folder, 'lock'), String(process.ppid));
    (await takeLock(folder))();
  });

  test('of a process that was killed is free', async () => {
    const address = join(other, 'socket');
    const program = `require('node:net').createServer().listen(${JSON.stringify(address)}, () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', program]);
    expect(existsSync(address)).toBe(true);
    const giveBack = await takeLock(folder, address);
    await expect(takeLock(folder, address)).rejects.toThrow(`process ${process.pid} runs on ${folder} already`);
    giveBack();
  });

  test('of a process that is suspended is had all the same', async () => {
    const address = join(other, 'silent');
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent.listen(address, resolve));
    await expect(takeLock(folder, address)).rejects.toThrow(
      `a process that does not answer runs on ${folder} already; stop it, or give another folder with --data.`,
    );
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
});
