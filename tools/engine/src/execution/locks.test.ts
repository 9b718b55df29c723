import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { locksContract } from '../contracts/locks.contract.ts';
import { localLocks } from './locks.ts';

const root = mkdtempSync(join(tmpdir(), 'locks-'));
afterAll(() => rmSync(root, { recursive: true }));
const locks = localLocks(root);
const patient = new AbortController().signal;

/** Whether a place is free now. */
async function isFree(pool: string, size: number): Promise<boolean> {
  const limit = AbortSignal.timeout(50);
  try {
    (await locks.take(pool, size, limit)).release();
    return true;
  } catch {
    return false;
  }
}

locksContract('local locks', () => localLocks(root));

test('the place of a process that was killed is free', async () => {
  const script = `
    import { localLocks } from ${JSON.stringify(join(import.meta.dirname, 'locks.ts'))};
    await localLocks(process.argv[1]).take('killed', 1, new AbortController().signal);
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
  await expect(localLocks(import.meta.filename).take('a', 1, patient)).resolves.toBeDefined();
});
