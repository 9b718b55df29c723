import { describe, expect, test } from 'vitest';
import type { Lease } from '../automation.ts';
import type { AutomationLedger } from '../ports/automation-ledger.ts';
import type { LedgerPlace } from './place.ts';
import { decisions, me, request, tick } from './sample-decisions.ts';

const TTL = 1_000;

/** The lease, for what only its owner can do. */
const led = async (ledger: AutomationLedger, now = 0) =>
  (await ledger.acquireLease('one', me, now, TTL)) as Lease;

/** Decisions are kept as a whole, by the leader only. */
export function decisionsContract(place: LedgerPlace): void {
  const open = () => place()();

  describe('what is decided', () => {
    test('is kept as a whole: states, ticks, requests', async () => {
      const openAgain = place();
      const ledger = await openAgain();
      const states = new Map([['lab/a', { until: 7 }] as const, ['lab/b', null] as const]);
      const decided = { states, ticks: [tick()], requests: [request('lab/a@1')] };
      expect(await ledger.commit(await led(ledger), decided, 100, TTL)).toBe(true);
      const again = await openAgain();
      expect(await again.states()).toEqual(states);
      expect(await again.ticks({ limit: 9 })).toMatchObject([tick()]);
      expect(await again.openRequests()).toEqual([
        {
          ...request('lab/a@1'),
          ...{ createdAt: 100, status: 'pending', process: null, startedAt: null, finishedAt: null },
          ...{ runs: [], problem: null },
        },
      ]);
      expect((await again.currentLease())?.expiresAt).toBe(100 + TTL);
    });

    test('by somebody who does not lead any more is not kept at all', async () => {
      const ledger = await open();
      const old = await led(ledger);
      const now = (await ledger.acquireLease('other', me, 2 * TTL, TTL)) as Lease;
      const decided = {
        states: new Map([['lab/a', 1]]),
        ticks: [tick()],
        requests: [request('lab/a@1')],
      };
      expect(await ledger.commit(old, decided, 2 * TTL, TTL)).toBe(false);
      expect(await ledger.commit({ ...old, epoch: 3 }, decided, 2 * TTL, TTL)).toBe(false);
      expect(await ledger.commit({ ...now, owner: 'one' }, decided, 2 * TTL, TTL)).toBe(false);
      expect([
        (await ledger.states()).size,
        await ledger.ticks({ limit: 9 }),
        await ledger.openRequests(),
      ]).toEqual([0, [], []]);
      expect((await ledger.currentLease())?.expiresAt).toBe(3 * TTL);
      expect(await ledger.commit(now, decided, 2 * TTL, TTL)).toBe(true);
    });

    test('is not kept in part where the last of it cannot be written', async () => {
      const ledger = await open();
      const lease = await led(ledger);
      const states = new Map([['lab/a', 1]]);
      const broken = tick({ detail: 1n as unknown as number });
      const requests = [request('lab/a@1')];
      await expect(ledger.commit(lease, { states, ticks: [broken], requests }, 1, TTL)).rejects.toThrow(
        'STORAGE_WRITE_FAILED',
      );
      expect([(await ledger.states()).size, await ledger.openRequests()]).toEqual([0, []]);
      expect(await ledger.commit(lease, decisions({ states }), 1, TTL)).toBe(true);
    });

    test('replaces what was remembered before', async () => {
      const ledger = await open();
      for (const state of [{ until: 1 }, { until: 2 }]) {
        await ledger.commit(await led(ledger), decisions({ states: new Map([['lab/a', state]]) }), 1, TTL);
      }
      expect([...(await ledger.states())]).toEqual([['lab/a', { until: 2 }]]);
    });

    test('a request that is there already stays as it is', async () => {
      const ledger = await open();
      await ledger.commit(await led(ledger), decisions({ requests: [request('lab/a@1')] }), 1, TTL);
      await ledger.claim('lab/a@1', me, 2);
      const again = request('lab/a@1', { because: 'once more' });
      expect(await ledger.commit(await led(ledger), decisions({ requests: [again] }), 3, TTL)).toBe(true);
      expect(await ledger.request('lab/a@1')).toMatchObject({
        status: 'running',
        because: 'because of lab/a@1',
      });
      expect(await ledger.requests({ limit: 9 })).toHaveLength(1);
    });
  });

  describe('ticks', () => {
    const commit = async (ledger: AutomationLedger, ...ticks: Parameters<typeof tick>[0][]) =>
      ledger.commit(await led(ledger), decisions({ ticks: ticks.map((one) => tick(one)) }), 1, TTL);
    const short = async (ledger: AutomationLedger) =>
      (await ledger.ticks({ limit: 99 })).map(({ name, at, lastAt, times }) => [name, at, lastAt, times]);

    test('that come to the same are one, with the first and the last time', async () => {
      const ledger = await open();
      for (const at of [1, 2, 3]) await commit(ledger, { at }, { at, name: 'lab/b' });
      expect(await short(ledger)).toEqual([
        ['lab/b', 1, 3, 3],
        ['lab/a', 1, 3, 3],
      ]);
    });

    test('are told apart by what they came to, and why', async () => {
      const ledger = await open();
      await commit(ledger, { at: 1 }, { at: 2, because: 'another reason' }, { at: 3, outcome: 'skipped' });
      await commit(ledger, { at: 4 }, { at: 5 });
      expect((await short(ledger)).map(([, at, last]) => [at, last])).toEqual([
        [4, 5],
        [3, 3],
        [2, 2],
        [1, 1],
      ]);
    });

    test('that asked for something stay apart', async () => {
      const ledger = await open();
      const asked = { outcome: 'requested', because: 'due' } as const;
      await commit(ledger, { ...asked, request: 'a@1' }, { ...asked, request: 'a@2' });
      expect((await ledger.ticks({ limit: 9 })).map(({ request }) => request)).toEqual(['a@2', 'a@1']);
    });

    test('are read by name, in pages, with their details', async () => {
      const ledger = await open();
      for (let at = 1; at <= 5; at++) await commit(ledger, { at, because: `${at}`, detail: { n: at } });
      await commit(ledger, { name: 'lab/b' });
      const [first, second] = await ledger.ticks({ name: 'lab/a', limit: 2 });
      expect([first?.detail, second?.detail]).toEqual([{ n: 5 }, { n: 4 }]);
      const next = await ledger.ticks({ name: 'lab/a', limit: 2, before: second?.id ?? 0 });
      expect(next.map(({ because }) => because)).toEqual(['3', '2']);
      expect(await ledger.ticks({ limit: 1, before: first?.id ?? 0 })).toMatchObject([{ because: '4' }]);
      const last = [...(await ledger.lastTicks())].map(([name, { because }]) => [name, because]);
      expect(last).toEqual([
        ['lab/a', '5'],
        ['lab/b', 'unchanged'],
      ]);
    });
  });
}
