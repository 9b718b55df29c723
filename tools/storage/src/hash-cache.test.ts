import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hashText } from './hash.ts';
import { HashCache } from './hash-cache.ts';

test.each(['', 'null', '{', '{}', '{"a.txt":["0 0 0 0","old"]}'])(
  'a cache that holds %j hashes again, and keeps what it found',
  (text) => {
    const root = mkdtempSync(join(tmpdir(), 'hashes-'));
    onTestFinished(() => rmSync(root, { recursive: true }));
    mkdirSync(join(root, '.nx/nx-assets'), { recursive: true });
    const path = join(root, '.nx/nx-assets/hashes.json');
    writeFileSync(path, text);
    writeFileSync(join(root, 'a.txt'), 'a');
    const cache = new HashCache(root);
    expect([cache.hash('a.txt'), cache.hash('none.txt')]).toEqual([hashText('a'), null]);
    cache.save();
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')) as object)).toEqual(['a.txt']);
  },
);
