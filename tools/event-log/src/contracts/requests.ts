import { describe, expect, test } from 'vitest';
import type { Lease } from '../automation.ts';
import type { AutomationLedger } from '../ports/automation-ledger.ts';
import type { LedgerPlace } from './place.ts';
import { decisions, me, request, tick } from './sample-decisions.ts';

const TTL = 1_000;
const DAY = 86_400_000;

async function ask(ledger: AutomationLedger, ...ids: readonly string[]): Promise<void> {
  const lease = (await ledger.acquireLease('one', me, 0, TTL)) as Lease;
  await ledger.commit(lease, decisions({ requests: ids.map((id) => request(id)) }), 1, TTL);
}

/** Requests are claimed once, and old ones forgotten. */
export function requestsContract(place: LedgerPlace): void {
  const open = () => place()();

  describe('a request', () => {
    test('is pending, then of the process that claims it, then over', async () => {
      const ledger = await open();
      await ask(ledger, 'lab/a@1');
      expect(await ledger.request('lab/a@1')).toMatchObject({ status: 'pending', process: null });
      expect(await ledger.claim('lab/a@1', me, 50)).toMatchObject({
        status: 'running',
        process: me,
        startedAt: 50,
        target: request('').target,
      });
      expect(await ledger.openRequests()).toHaveLength(1);
      await ledger.addRun('lab/a@1', 'r1');
      await ledger.addRun('lab/a@1', "r'2");
      await ledger.finish('lab/a@1', 'failed', 'it broke', 60);
      expect(await ledger.request('lab/a@1')).toMatchObject({
        ...{ status: 'failed', problem: 'it broke', finishedAt: 60, runs: ['r1', "r'2"] },
      });
      expect(await ledger.openRequests()).toEqual([]);
    });

    test('is claimed once', async () => {
      const ledger = await open();
      await ask(ledger, 'lab/a@1');
      expect(await ledger.claim('lab/a@1', me, 1)).not.toBeNull();
      expect(await ledger.claim('lab/a@1', me, 2)).toBeNull();
      await ledger.finish('lab/a@1', 'lost', null, 3);
      expect(await ledger.claim('lab/a@1', me, 4)).toBeNull();
      expect(await ledger.claim('lab/never@1', me, 4)).toBeNull();
    });

    test('that has ended, or has not begun, is not ended, and gets no run', async () => {
      const ledger = await open();
      await ask(ledger, 'lab/a@1', 'lab/b@1');
      await ledger.finish('lab/a@1', 'succeeded', null, 1);
      await ledger.addRun('lab/a@1', 'r1');
      expect(await ledger.request('lab/a@1')).toMatchObject({
        status: 'pending',
        finishedAt: null,
        runs: [],
      });
      await ledger.claim('lab/b@1', me, 2);
      await ledger.finish('lab/b@1', 'succeeded', null, 3);
      // The daemon that took it for lost was wrong.
      await ledger.finish('lab/b@1', 'lost', 'its process ended without a word', 4);
      await ledger.addRun('lab/b@1', 'r2');
      expect(await ledger.request('lab/b@1')).toMatchObject({ status: 'succeeded', finishedAt: 3, runs: [] });
    });

    test('is found: open ones the oldest first, all of a name the newest first', async () => {
      const ledger = await open();
      await ask(ledger, 'lab/a@1', 'lab/b@1', 'lab/a@2');
      await ask(ledger, 'lab/a@0');
      const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);
      expect(ids(await ledger.openRequests())).toEqual(['lab/a@1', 'lab/b@1', 'lab/a@2', 'lab/a@0']);
      expect(ids(await ledger.requests({ limit: 2 }))).toEqual(['lab/a@0', 'lab/a@2']);
      expect(ids(await ledger.requests({ name: 'lab/b', limit: 2 }))).toEqual(['lab/b@1']);
      expect(await ledger.request('lab/a@3')).toBeNull();
    });
  });

  describe('what is old is forgotten', () => {
    const finished = async (ledger: AutomationLedger, now: number, ...ids: readonly string[]) => {
      await ask(ledger, ...ids);
      for (const id of ids) {
        await ledger.claim(id, me, now);
        await ledger.finish(id, 'succeeded', null, now);
      }
    };

    test('ticks: all but the last five hundred of each name', async () => {
      const ledger = await open();
      const lease = (await ledger.acquireLease('one', me, 0, TTL)) as Lease;
      const ticks = Array.from({ length: 502 }, (_, n) => tick({ because: `${n}` }));
      await ledger.commit(lease, decisions({ ticks: [tick({ name: 'lab/rare' }), ...ticks] }), 1, TTL);
      await ledger.prune(1);
      const left = (await ledger.ticks({ limit: 1_000 })).map(({ because }) => because);
      expect(left).toEqual([...ticks.slice(2).map((one) => one.because)].reverse().concat('unchanged'));
    });

    test('requests: those that ended ninety days ago and that no tick names', async () => {
      const ledger = await open();
      await finished(ledger, 0, 'lab/old@1', 'lab/told@1');
      await finished(ledger, 2 * DAY, 'lab/new@1');
      await ask(ledger, 'lab/pending@1', 'lab/running@1');
      await ledger.claim('lab/running@1', me, 0);
      const lease = (await ledger.acquireLease('one', me, 0, TTL)) as Lease;
      const told = tick({ name: 'lab/told', outcome: 'requested', request: 'lab/told@1' });
      await ledger.commit(lease, decisions({ ticks: [told] }), 1, TTL);
      const left = async () => (await ledger.requests({ limit: 9 })).map(({ id }) => id);
      await ledger.prune(90 * DAY);
      expect(await left()).toContain('lab/old@1');
      await ledger.prune(91 * DAY);
      expect(await left()).toEqual(['lab/running@1', 'lab/pending@1', 'lab/new@1', 'lab/told@1']);
    });

    test('but not what a sensor names by an id: that is asked for once for ever', async () => {
      const ledger = await open();
      await finished(ledger, 0, 'lab/queue:42', 'lab/queue@1');
      await ledger.prune(1_000 * DAY);
      expect((await ledger.requests({ limit: 9 })).map(({ id }) => id)).toEqual(['lab/queue:42']);
    });
  });
}
