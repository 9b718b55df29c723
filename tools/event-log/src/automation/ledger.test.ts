import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test } from 'vitest';
import { freshPath } from '../test-support.ts';
import type { Ledger } from './ledger.ts';
import type { Lease } from './model.ts';
import { decisions, elsewhere, ledgerChild, me, openLedger, request, tick } from './test-support.ts';

const TTL = 1_000;
const DAY = 86_400_000;

/** The lead, for what only a leader can do. */
const led = (ledger: Ledger, now = 0) => ledger.lead('one', me, now, TTL) as Lease;

describe('the lead', () => {
  test('is taken where nobody has it, and kept by asking again', async () => {
    const ledger = await openLedger();
    expect(ledger.holder()).toBeNull();
    expect(ledger.lead('one', me, 5_000, TTL)).toEqual({ epoch: 1, owner: 'one' });
    expect(ledger.lead('one', me, 5_900, TTL)).toEqual({ epoch: 1, owner: 'one' });
    expect(ledger.holder()).toEqual({ ...me, epoch: 1, owner: 'one', since: 5_000, expiresAt: 6_900 });
  });

  test('is refused to others until its time is over', async () => {
    const ledger = await openLedger();
    ledger.lead('one', me, 0, TTL);
    expect(ledger.lead('other', me, TTL - 1, TTL)).toBeNull();
    expect(ledger.holder()?.owner).toBe('one');
    expect(ledger.lead('other', me, TTL, TTL)).toEqual({ epoch: 2, owner: 'other' });
    expect(ledger.lead('one', me, TTL, TTL)).toBeNull();
  });

  test('whose time is over is kept by asking again, where nobody else has asked', async () => {
    const ledger = await openLedger();
    ledger.lead('one', me, 0, TTL);
    expect(ledger.lead('one', me, 50 * TTL, TTL)).toEqual({ epoch: 1, owner: 'one' });
  });

  test('that is given up is free at once', async () => {
    const ledger = await openLedger();
    ledger.resign(led(ledger));
    expect(ledger.lead('other', me, 1, TTL)).toEqual({ epoch: 2, owner: 'other' });
  });

  test('is not taken from others by giving up an old one', async () => {
    const ledger = await openLedger();
    const old = led(ledger);
    ledger.lead('other', me, 2 * TTL, TTL);
    ledger.resign(old);
    expect(ledger.lead('one', me, 2 * TTL + 1, TTL)).toBeNull();
  });

  test('of a process that is gone is free at once', async () => {
    const path = freshPath();
    const leader = ledgerChild(`
      const ledger = await Ledger.open(${JSON.stringify(path)});
      ledger.lead('one', me, 0, ${TTL});
      console.log('ready');
      await go;
    `);
    await leader.ready;
    const ledger = await openLedger(path);
    expect(ledger.holder()?.pid).toBe(leader.pid);
    expect(ledger.lead('other', me, 1, TTL)).toBeNull();
    leader.kill();
    await leader.done.catch(() => undefined);
    expect(ledger.lead('other', me, 1, TTL)).toEqual({ epoch: 2, owner: 'other' });
  });

  test('of a process on another machine holds until its time is over, and no longer', async () => {
    const ledger = await openLedger();
    ledger.lead('one', elsewhere, 0, TTL);
    expect(ledger.lead('other', me, TTL - 1, TTL)).toBeNull();
    expect(ledger.lead('other', me, TTL, TTL)).toMatchObject({ epoch: 2 });
  });

  test('that ends far in the future was taken by a clock that was wrong, and does not hold', async () => {
    const ledger = await openLedger();
    ledger.lead('one', elsewhere, 365 * DAY, TTL);
    expect(ledger.lead('other', me, 0, TTL)).toMatchObject({ epoch: 2 });
    // A little ahead is what clocks of two machines are.
    ledger.lead('other', elsewhere, 5 * TTL, TTL);
    expect(ledger.lead('third', me, 0, TTL)).toBeNull();
  });
});

describe('what is decided', () => {
  test('is kept as a whole: states, ticks, requests', async () => {
    const path = freshPath();
    const ledger = await openLedger(path);
    const states = new Map([['lab/a', { until: 7 }] as const, ['lab/b', null] as const]);
    const decided = { states, ticks: [tick()], requests: [request('lab/a@1')] };
    expect(ledger.commit(led(ledger), decided, 100, TTL)).toBe(true);
    const again = await openLedger(path);
    expect(again.states()).toEqual(states);
    expect(again.ticks({ limit: 9 })).toMatchObject([tick()]);
    expect(again.openRequests()).toEqual([
      {
        ...request('lab/a@1'),
        ...{ createdAt: 100, status: 'pending', process: null, startedAt: null, finishedAt: null },
        ...{ runs: [], problem: null },
      },
    ]);
    expect(again.holder()?.expiresAt).toBe(100 + TTL);
  });

  test('by somebody who does not lead any more is not kept at all', async () => {
    const ledger = await openLedger();
    const old = led(ledger);
    const now = ledger.lead('other', me, 2 * TTL, TTL) as Lease;
    const decided = {
      states: new Map([['lab/a', 1]]),
      ticks: [tick()],
      requests: [request('lab/a@1')],
    };
    expect(ledger.commit(old, decided, 2 * TTL, TTL)).toBe(false);
    expect(ledger.commit({ ...old, epoch: 3 }, decided, 2 * TTL, TTL)).toBe(false);
    expect(ledger.commit({ ...now, owner: 'one' }, decided, 2 * TTL, TTL)).toBe(false);
    expect([ledger.states().size, ledger.ticks({ limit: 9 }), ledger.openRequests()]).toEqual([0, [], []]);
    expect(ledger.holder()?.expiresAt).toBe(3 * TTL);
    expect(ledger.commit(now, decided, 2 * TTL, TTL)).toBe(true);
  });

  test('is not kept in part where the last of it cannot be written', async () => {
    const ledger = await openLedger();
    const lease = led(ledger);
    const states = new Map([['lab/a', 1]]);
    const broken = { ...tick(), because: undefined as unknown as string };
    const requests = [request('lab/a@1')];
    expect(() => ledger.commit(lease, { states, ticks: [broken], requests }, 1, TTL)).toThrow(
      'STORAGE_WRITE_FAILED',
    );
    expect([ledger.states().size, ledger.openRequests()]).toEqual([0, []]);
    expect(ledger.commit(lease, decisions({ states }), 1, TTL)).toBe(true);
  });

  test('replaces what was remembered before', async () => {
    const ledger = await openLedger();
    for (const state of [{ until: 1 }, { until: 2 }]) {
      ledger.commit(led(ledger), decisions({ states: new Map([['lab/a', state]]) }), 1, TTL);
    }
    expect([...ledger.states()]).toEqual([['lab/a', { until: 2 }]]);
  });

  test('a request that is there already stays as it is', async () => {
    const ledger = await openLedger();
    ledger.commit(led(ledger), decisions({ requests: [request('lab/a@1')] }), 1, TTL);
    ledger.claim('lab/a@1', me, 2);
    const again = request('lab/a@1', { because: 'once more' });
    expect(ledger.commit(led(ledger), decisions({ requests: [again] }), 3, TTL)).toBe(true);
    expect(ledger.request('lab/a@1')).toMatchObject({ status: 'running', because: 'because of lab/a@1' });
    expect(ledger.requests({ limit: 9 })).toHaveLength(1);
  });
});

describe('ticks', () => {
  const commit = (ledger: Ledger, ...ticks: Parameters<typeof tick>[0][]) =>
    ledger.commit(led(ledger), decisions({ ticks: ticks.map((one) => tick(one)) }), 1, TTL);
  const short = (ledger: Ledger) =>
    ledger.ticks({ limit: 99 }).map(({ name, at, lastAt, times }) => [name, at, lastAt, times]);

  test('that come to the same are one, with the first and the last time', async () => {
    const ledger = await openLedger();
    for (const at of [1, 2, 3]) commit(ledger, { at }, { at, name: 'lab/b' });
    expect(short(ledger)).toEqual([
      ['lab/b', 1, 3, 3],
      ['lab/a', 1, 3, 3],
    ]);
  });

  test('are told apart by what they came to, and why', async () => {
    const ledger = await openLedger();
    commit(ledger, { at: 1 }, { at: 2, because: 'another reason' }, { at: 3, outcome: 'skipped' });
    commit(ledger, { at: 4 }, { at: 5 });
    expect(short(ledger).map(([, at, last]) => [at, last])).toEqual([
      [4, 5],
      [3, 3],
      [2, 2],
      [1, 1],
    ]);
  });

  test('that asked for something stay apart', async () => {
    const ledger = await openLedger();
    const asked = { outcome: 'requested', because: 'due' } as const;
    commit(ledger, { ...asked, request: 'a@1' }, { ...asked, request: 'a@2' });
    expect(ledger.ticks({ limit: 9 }).map(({ request }) => request)).toEqual(['a@2', 'a@1']);
  });

  test('are read by name, in pages, with their details', async () => {
    const ledger = await openLedger();
    for (let at = 1; at <= 5; at++) commit(ledger, { at, because: `${at}`, detail: { n: at } });
    commit(ledger, { name: 'lab/b' });
    const [first, second] = ledger.ticks({ name: 'lab/a', limit: 2 });
    expect([first?.detail, second?.detail]).toEqual([{ n: 5 }, { n: 4 }]);
    const next = ledger.ticks({ name: 'lab/a', limit: 2, before: second?.id ?? 0 });
    expect(next.map(({ because }) => because)).toEqual(['3', '2']);
    expect(ledger.ticks({ limit: 1, before: first?.id ?? 0 })).toMatchObject([{ because: '4' }]);
    const last = [...ledger.lastTicks()].map(([name, { because }]) => [name, because]);
    expect(last).toEqual([
      ['lab/a', '5'],
      ['lab/b', 'nothing changed'],
    ]);
  });
});

test('what cannot be written is said with the file and why', async () => {
  const path = freshPath();
  const ledger = await openLedger(path);
  const database = new DatabaseSync(path);
  database.exec('drop table automation_states');
  database.close();
  expect(() => ledger.commit(led(ledger), decisions({ states: new Map([['lab/a', 1]]) }), 1, TTL)).toThrow(
    /^STORAGE_WRITE_FAILED: The history .* cannot be written \(.*automation_states/,
  );
});
