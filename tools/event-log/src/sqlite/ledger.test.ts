import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import type { Lease } from '../automation.ts';
import { decisions, elsewhere, me, request } from '../contracts/sample-decisions.ts';
import { child, freshPath, open } from './test-support.ts';

const TTL = 1_000;

test('the lease of a process that is gone is free at once', async () => {
  const path = freshPath();
  const leader = child(`
    const { ledger } = await openHistory(${JSON.stringify(path)});
    await ledger.acquireLease('one', me, 0, ${TTL});
    console.log('ready');
    await go;
  `);
  await leader.ready;
  const { ledger } = await open(path);
  expect((await ledger.currentLease())?.pid).toBe(leader.pid);
  expect(await ledger.acquireLease('other', me, 1, TTL)).toBeNull();
  leader.kill();
  await leader.done.catch(() => undefined);
  expect(await ledger.acquireLease('other', me, 1, TTL)).toEqual({ epoch: 2, owner: 'other' });
});

describe('many processes', { timeout: 60_000 }, () => {
  test('that claim the same requests at the same moment get each of them once', async () => {
    const path = freshPath();
    const { ledger } = await open(path);
    const ids = Array.from({ length: 300 }, (_, n) => `lab/a@${n}`);
    const lease = (await ledger.acquireLease('one', me, 0, TTL)) as Lease;
    await ledger.commit(lease, decisions({ requests: ids.map((id) => request(id)) }), 1, TTL);
    const children = Array.from({ length: 6 }, () =>
      child(`
        const { ledger } = await openHistory(${JSON.stringify(path)});
        console.log('ready');
        await go;
        for (const id of ${JSON.stringify(ids)}) {
          const request = await ledger.claim(id, me, Date.now());
          if (request && request.process.pid !== process.pid) throw new Error('of another');
          if (request) console.log(request.id);
        }
      `),
    );
    await Promise.all(children.map(({ ready }) => ready));
    for (const { go } of children) go();
    const printed = await Promise.all(children.map(({ done }) => done));
    const claimed = printed.map((text) => text.trim().split('\n').slice(1));
    expect(claimed.flat().sort()).toEqual([...ids].sort());
    // They did get into each other's way.
    expect(claimed.filter((mine) => mine.length > 0).length).toBeGreaterThan(1);
    const owners = new Set((await ledger.openRequests()).map((one) => one.process?.pid));
    expect([...owners].every((pid) => children.some((child) => child.pid === pid))).toBe(true);
  });

  test('that want the lead at the same moment get it once, with one epoch', async () => {
    const path = freshPath();
    await (await open(path)).close();
    const children = Array.from({ length: 5 }, (_, n) =>
      child(`
        const { ledger } = await openHistory(${JSON.stringify(path)});
        console.log('ready');
        await go;
        console.log(JSON.stringify(await ledger.acquireLease('${n}', ${JSON.stringify(elsewhere)}, 1_000, 60_000)));
      `),
    );
    await Promise.all(children.map(({ ready }) => ready));
    for (const { go } of children) go();
    const leads = (await Promise.all(children.map(({ done }) => done))).map(
      (text) => JSON.parse(text.trim().split('\n')[1] ?? '') as Lease | null,
    );
    expect(leads.flatMap((lead) => (lead ? [lead.epoch] : []))).toEqual([1]);
  });
});

test('what cannot be written is said with the file and why', async () => {
  const path = freshPath();
  const { ledger } = await open(path);
  const database = new DatabaseSync(path);
  await ledger.currentLease();
  database.exec('drop table automation_states');
  database.close();
  const lease = (await ledger.acquireLease('one', me, 0, TTL)) as Lease;
  await expect(ledger.commit(lease, decisions({ states: new Map([['lab/a', 1]]) }), 1, TTL)).rejects.toThrow(
    /^STORAGE_WRITE_FAILED: The history .* cannot be written \(.*automation_states/,
  );
});
