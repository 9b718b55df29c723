import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { assetKey } from '@nx-assets/core';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { moveIntoPlace, sweepTemporaries, temporaryBeside, writeAtomic } from './atomic.ts';
import { hashFile, hashText } from './hash.ts';
import {
  absolute,
  observationPath,
  outcomesPath,
  OUTPUT,
  recordPath,
  scratchPath,
  STATE,
  valuePath,
} from './layout.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'storage-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the layout', () => {
  const key = assetKey('transforms', 'users_cleaned');

  test('is one path for each thing', () => {
    expect(valuePath(key, { type: 'table' })).toBe('output/transforms/users_cleaned.parquet');
    expect(valuePath(key, { type: 'json' })).toBe('output/transforms/users_cleaned.json');
    expect(valuePath(key, { type: 'file', path: 'reports/a.csv' })).toBe('output/reports/a.csv');
    expect(recordPath(key)).toBe('output/transforms/users_cleaned.record.json');
    expect(observationPath(key)).toBe('.nx/nx-assets/observations/transforms/users_cleaned.json');
    expect(outcomesPath('r1')).toBe('.nx/nx-assets/runs/r1.jsonl');
    expect(scratchPath('r1', key)).toBe('.nx/nx-assets/scratch/r1/transforms.users_cleaned');
    // One name for both dimensions may be longer than a disk takes.
    expect(scratchPath('r1', key, '2026-03-01/eu')).toBe(
      '.nx/nx-assets/scratch/r1/transforms.users_cleaned/2026-03-01/eu',
    );
    expect(absolute('/w', recordPath(key))).toBe(
      join('/w', 'output', 'transforms', 'users_cleaned.record.json'),
    );
  });

  test('never gives two assets one place, and keeps values and records apart', () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,6}$/);
    const key = fc.tuple(name, name).map(([group, name]) => assetKey(group, name));
    fc.assert(
      fc.property(key, key, (one, other) => {
        const places = (key: typeof one) => [
          valuePath(key, { type: 'table' }),
          valuePath(key, { type: 'json' }),
          recordPath(key),
          observationPath(key),
          scratchPath('r', key),
        ];
        const all = [...places(one), ...(one === other ? [] : places(other))];
        expect(new Set(all).size).toBe(all.length);
        for (const place of places(one))
          expect(place.startsWith(`${OUTPUT}/`) || place.startsWith(`${STATE}/`)).toBe(true);
      }),
    );
  });
});

describe('hashes', () => {
  test('of a file are those of its text, whatever its size', () => {
    const path = join(folder, 'file');
    for (const text of ['', 'a', 'é😀', 'x'.repeat((1 << 20) - 1), 'y'.repeat((1 << 20) + 1)]) {
      writeFileSync(path, text);
      expect(hashFile(path)).toBe(hashText(text));
      expect(hashText(text)).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  test('of what is not there, or is a folder, are null', () => {
    expect(hashFile(join(folder, 'nothing'))).toBeNull();
    expect(hashFile(folder)).toBeNull();
  });
});

describe('writing a file', () => {
  test('makes its folder, replaces what was there and leaves nothing else', () => {
    const path = join(folder, 'a', 'b', 'file.json');
    writeAtomic(path, 'one');
    writeAtomic(path, 'two');
    expect(readFileSync(path, 'utf8')).toBe('two');
    expect(readdirSync(dirname(path))).toEqual(['file.json']);
  });

  test('keeps the old file and takes the temporary away when the new one cannot take its place', () => {
    const path = join(folder, 'file');
    mkdirSync(path);
    writeFileSync(join(path, 'kept'), 'kept');
    expect(() => writeAtomic(path, 'new')).toThrow(/^STORAGE_WRITE_FAILED: .*file cannot be written/);
    expect(readFileSync(join(path, 'kept'), 'utf8')).toBe('kept');
    expect(readdirSync(folder)).toEqual(['file']);
  });

  test('says that it cannot write where a folder should be and a file is', () => {
    writeFileSync(join(folder, 'taken'), '');
    expect(() => writeAtomic(join(folder, 'taken', 'file'), 'new')).toThrow('STORAGE_WRITE_FAILED');
    expect(() => temporaryBeside(join(folder, 'taken', 'file'))).toThrow('STORAGE_WRITE_FAILED');
  });

  test('uses another temporary each time, hidden, in the folder of the file, named by the process', () => {
    const path = join(folder, 'file.csv');
    const names = [temporaryBeside(path), temporaryBeside(path)];
    expect(new Set(names).size).toBe(2);
    for (const name of names) {
      expect(dirname(name)).toBe(folder);
      expect(basename(name)).toMatch(new RegExp(`^\\.file\\.csv\\.tmp-${process.pid}-\\d+$`));
    }
  });

  test('a finished temporary becomes the file', () => {
    const path = join(folder, 'file');
    writeFileSync(path, 'old');
    const temporary = temporaryBeside(path);
    writeFileSync(temporary, 'new');
    moveIntoPlace(temporary, path);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(existsSync(temporary)).toBe(false);
  });
});

describe('sweeping', () => {
  /** The id of a process that is gone. */
  const deadPid = () => spawnSync(process.execPath, ['-e', '']).pid;

  test('takes away what dead processes left of this file, and nothing else', () => {
    const path = join(folder, 'file.csv');
    const dead = deadPid();
    const gone = [`.file.csv.tmp-${dead}-0`, `.file.csv.tmp-${dead}-17`];
    const kept = [
      'file.csv',
      `.file.csv.tmp-${process.pid}-0`,
      `.file.csv.tmp-${process.ppid}-0`,
      `.other.csv.tmp-${dead}-0`,
      `file.csv.tmp-${dead}-0`,
      `.file.csv.tmp`,
    ];
    for (const name of [...gone, ...kept]) writeFileSync(join(folder, name), name);
    sweepTemporaries(path);
    expect(readdirSync(folder).sort()).toEqual([...kept].sort());
  });

  test('a folder that is not there yet has nothing to sweep', () => {
    expect(() => sweepTemporaries(join(folder, 'not', 'there'))).not.toThrow();
  });
});
