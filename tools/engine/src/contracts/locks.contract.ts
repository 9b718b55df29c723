import { expect, test } from 'vitest';
import type { Locks } from '../execution/locks.ts';

/** What everything that hands out locks has to do. `open` gives the same locks as another process would see them. */
export function locksContract(name: string, open: () => Locks): void {
  const patient = new AbortController().signal;

  /** Whether a place is free now. */
  async function isFree(pool: string, size: number): Promise<boolean> {
    try {
      (await open().take(pool, size, AbortSignal.timeout(50))).release();
      return true;
    } catch {
      return false;
    }
  }

  test(`${name} have as many places as are asked for, and one that is given back is free`, async () => {
    const first = await open().take('a/b c', 2, patient);
    const second = await open().take('a/b c', 2, patient);
    expect(await isFree('a/b c', 2)).toBe(false);
    expect(await isFree('other', 1)).toBe(true);
    first.release();
    first.release();
    expect(await isFree('a/b c', 2)).toBe(true);
    second.release();
  });

  test(`${name} give a place that is given back to whoever waits for it`, async () => {
    const first = await open().take('waited', 1, patient);
    let isTaken = false;
    const next = open()
      .take('waited', 1, patient)
      .then((lock) => {
        isTaken = true;
        return lock;
      });
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(isTaken).toBe(false);
    first.release();
    (await next).release();
    expect(isTaken).toBe(true);
  });

  test(`${name} let whoever waits go when its signal aborts`, async () => {
    const first = await open().take('given up', 1, patient);
    const abort = new AbortController();
    const next = open().take('given up', 1, abort.signal);
    abort.abort(new Error('enough'));
    await expect(next).rejects.toThrow();
    first.release();
    expect(await isFree('given up', 1)).toBe(true);
  });
}
