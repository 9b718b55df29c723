import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { takeSlot } from './slots.ts';

const root = mkdtempSync(join(tmpdir(), 'slots-'));
afterAll(() => rmSync(root, { recursive: true }));
const patient = new AbortController().signal;

/** Whether a place is free now. */
async function isFree(pool: string, size: number): Promise<boolean> {
  const limit = AbortSignal.timeout(50);
  try {
    (await takeSlot(root, pool, size, limit)).release();
    return true;
  } catch {
    return false;
  }
}

test('a pool has as many places as it says, and one that is given back is free', async () => {
  const first = await takeSlot(root, 'a/b c', 2, patient);
  const second = await takeSlot(root, 'a/b c', 2, patient);
  expect(await isFree('a/b c', 2)).toBe(false);
  expect(await isFree('other', 1)).toBe(true);
  first.release();
  expect(await isFree('a/b c', 2)).toBe(true);
  second.release();
});

test('who waits gets the place that is given back', async () => {
  const first = await takeSlot(root, 'waited', 1, patient);
  let got = false;
  const next = takeSlot(root, 'waited', 1, patient).then((slot) => {
    got = true;
    return slot;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(got).toBe(false);
  first.release();
  (await next).release();
  expect(got).toBe(true);
});

test('the place of a process that was killed is free', async () => {
  const script = `
    import { takeSlot } from ${JSON.stringify(join(import.meta.dirname, 'slots.ts'))};
    await takeSlot(process.argv[1], 'killed', 1, new AbortController().signal);
    process.send('taken');
    setInterval(() => undefined, 1000);`;
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script, root], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(holder, 'message');
  expect(await isFree('killed', 1)).toBe(false);
  holder.kill('SIGKILL');
  await once(holder, 'close');
  expect(await isFree('killed', 1)).toBe(true);
});

test('a disk that takes no lock stops nobody', async () => {
  await expect(takeSlot(import.meta.filename, 'a', 1, patient)).resolves.toBeDefined();
});
