import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assetKey } from '@nx-assets/core';
import { expect, test } from 'vitest';
import { ContentFolder } from './content-folder.fixture.ts';
import { describeValueStore, type ValueStoreSetup } from './contracts.ts';
import { LocalValueStore } from './local-value-store.ts';
import type { ValueStore } from './value-store.ts';

function inFolder(open: (root: string) => ValueStore): ValueStoreSetup {
  const root = mkdtempSync(join(tmpdir(), 'value-store-'));
  const close = () => rmSync(root, { recursive: true, force: true });
  return { root, store: open(root), close };
}

describeValueStore('output/', () => inFolder((root) => new LocalValueStore(root)));
describeValueStore('a folder of contents', () => inFolder((root) => new ContentFolder(root)));

test('staging in output/ sweeps what killed processes left of the same value, and of no other', async () => {
  const { root, store, close } = inFolder((at) => new LocalValueStore(at));
  try {
    const address = { key: assetKey('lab', 'a'), output: { type: 'json' }, partition: null } as const;
    const mine = await store.stage(address);
    writeFileSync(mine.path, 'being written');
    // No process has this id: they end at 2^22.
    const [dead, other] = ['.a.json.tmp-99999999-0', '.b.json.tmp-99999999-0'];
    for (const name of [dead, other]) writeFileSync(join(root, 'output/lab', name), 'left');
    await store.stage(address);
    const left = readdirSync(join(root, 'output/lab'));
    expect(left.sort()).toEqual([mine.path.split('/').at(-1), other].sort());
  } finally {
    close();
  }
});
