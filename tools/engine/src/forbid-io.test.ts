import { execSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { AssetError } from '@nx-assets/core';
import { describe, expect, test } from 'vitest';
import { forbidIo } from './forbid-io.ts';

const here = import.meta.filename;

/** What `use` throws while the guard is up. */
async function guarded(use: () => unknown): Promise<unknown> {
  const lift = forbidIo();
  try {
    return await use();
  } catch (error) {
    return error;
  } finally {
    lift();
  }
}

describe('while definitions load', () => {
  test.each<[string, () => unknown]>([
    ['a file (readFileSync)', () => readFileSync(here)],
    ['a file (readFile)', () => readFile(here)],
    ['a file (openSync)', () => fs.openSync(here, 'r')],
    ['a file (readdirSync)', () => fs.readdirSync('.')],
    ['a file (createReadStream)', () => fs.createReadStream(here)],
    ['the network (fetch)', () => fetch('http://127.0.0.1:1')],
    ['the network (connect)', () => net.connect(1, '127.0.0.1')],
    ['the network (listen)', () => net.createServer().listen(0)],
    ['a process (spawn)', () => spawn(process.execPath, ['-v'])],
    ['a process (execSync)', () => execSync('true')],
  ])('%s is refused', async (what, use) => {
    const error = await guarded(use);
    expect(error).toBeInstanceOf(AssetError);
    expect(error).toMatchObject({
      code: 'DEFINITION_IO',
      facts: `A definition uses ${what} while it loads.`,
    });
  });

  test('asking whether a file is there is not', async () => {
    expect(await guarded(() => existsSync(here))).toBe(true);
  });
});

test('afterwards everything is as it was', async () => {
  const before = [
    fs.readFileSync,
    fs.promises.readFile,
    globalThis.fetch,
    net.Socket.prototype.connect,
    spawn,
  ];
  await guarded(() => undefined);
  expect([
    fs.readFileSync,
    fs.promises.readFile,
    globalThis.fetch,
    net.Socket.prototype.connect,
    spawn,
  ]).toEqual(before);
  expect(readFileSync(here, 'utf8')).toContain('as it was');
  expect(await readFile(here, 'utf8')).toContain('as it was');
});
