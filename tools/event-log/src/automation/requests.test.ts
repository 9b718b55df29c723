import { describe, expect, test } from 'vitest';
import { freshPath } from '../test-support.ts';
import type { Ledger } from './ledger.ts';
import type { Lease } from './model.ts';
import { decisions, elsewhere, ledgerChild, me, openLedger, request, tick } from './test-support.ts';

const TTL = 1_000;
const DAY = 86_400_000;

function ask(ledger: Ledger, ...ids: readonly string[]): void {
  const lease = ledger.lead('one', me, 0, TTL) as Lease;
  ledger.commit(lease, decisions({ requests: ids.map((id) => request(id)) }), 1, TTL);
}

describe('a request', () => {
  test('is pending, then of the process that claims it, then over', async () => {
    const ledger = await openLedger();
    ask(ledger, 'lab/a@1');
    expect(ledger.request('lab/a@1')).toMatchObject({ status: 'pending', process: null });
    expect(ledger.claim('lab/a@1', me, 50)).toMatchObject({
      status: 'running',
      process: me,
      startedAt: 50,
      target: request('').target,
    });
    expect(ledger.openRequests()).toHaveLength(1);
    ledger.addRun('lab/a@1', 'r1');
    ledger.addRun('lab/a@1', "r'2");
    ledger.finish('lab/a@1', 'failed', 'it broke', 60);
    expect(ledger.request('lab/a@1')).toMatchObject({
      ...{ status: 'failed', problem: 'it broke', finishedAt: 60, runs: ['r1', "r'2"] },
    });
    expect(ledger.openRequests()).toEqual([]);
  });

  test('is claimed once', async () => {
    const ledger = await openLedger();
    ask(ledger, 'lab/a@1');
    expect(ledger.claim('lab/a@1', me, 1)).not.toBeNull();
    expect(ledger.claim('lab/a@1', me, 2)).toBeNull();
    ledger.finish('lab/a@1', 'lost', null, 3);
    expect(ledger.claim('lab/a@1', me, 4)).toBeNull();
    expect(ledger.claim('lab/never@1', me, 4)).toBeNull();
  });

  test('that has ended, or has not begun, is not ended, and gets no run', async () => {
    const ledger = await openLedger();
    ask(ledger, 'lab/a@1', 'lab/b@1');
    ledger.finish('lab/a@1', 'succeeded', null, 1);
    ledger.addRun('lab/a@1', 'r1');
    expect(ledger.request('lab/a@1')).toMatchObject({ status: 'pending', finishedAt: null, runs: [] });
    ledger.claim('lab/b@1', me, 2);
    ledger.finish('lab/b@1', 'succeeded', null, 3);
    // The daemon that took it for lost was wrong.
    ledger.finish('lab/b@1', 'lost', 'its process ended without a word', 4);
    ledger.addRun('lab/b@1', 'r2');
    expect(ledger.request('lab/b@1')).toMatchObject({ status: 'succeeded', finishedAt: 3, runs: [] });
  });

  test('is found: open ones the oldest first, all of a name the newest first', async () => {
    const ledger = await openLedger();
    ask(ledger, 'lab/a@1', 'lab/b@1', 'lab/a@2');
    ask(ledger, 'lab/a@0');
    const ids = (found: readonly { id: string }[]) => found.map(({ id }) => id);
    expect(ids(ledger.openRequests())).toEqual(['lab/a@1', 'lab/b@1', 'lab/a@2', 'lab/a@0']);
    expect(ids(ledger.requests({ limit: 2 }))).toEqual(['lab/a@0', 'lab/a@2']);
    expect(ids(ledger.requests({ name: 'lab/b', limit: 2 }))).toEqual(['lab/b@1']);
    expect(ledger.request('lab/a@3')).toBeNull();
  });
});

describe('many processes', { timeout: 60_000 }, () => {
  test('that claim the same requests at the same moment get each of them once', async () => {
    const path = freshPath();
    const ledger = await openLedger(path);
    const ids = Array.from({ length: 300 }, (_, n) => `lab/a@${n}`);
    ask(ledger, ...ids);
    const children = Array.from({ length: 6 }, () =>
      ledgerChild(`
        const ledger = await Ledger.open(${JSON.stringify(path)});
        console.log('ready');
        await go;
        for (const id of ${JSON.stringify(ids)}) {
          const request = ledger.claim(id, me, Date.now());
          if (request && request.process.pid !== process.pid) throw new Error('of another');
          if (request) console.log(request.id);
        }
        ledger.close();
      `),
    );
    await Promise.all(children.map(({ ready }) => ready));
    for (const { go } of children) go();
    const printed = await Promise.all(children.map(({ done }) => done));
    const claimed = printed.map((text) => text.trim().split('\n').slice(1));
    expect(claimed.flat().sort()).toEqual([...ids].sort());
    // They did get into each other's way.
    expect(claimed.filter((mine) => mine.length > 0).length).toBeGreaterThan(1);
    const owners = new Set(ledger.openRequests().map((one) => one.process?.pid));
    expect([...owners].every((pid) => children.some((child) => child.pid === pid))).toBe(true);
  });

  test('that want the lead at the same moment get it once, with one epoch', async () => {
    const path = freshPath();
    (await openLedger(path)).close();
    const children = Array.from({ length: 5 }, (_, n) =>
      ledgerChild(`
        const ledger = await Ledger.open(${JSON.stringify(path)});
        console.log('ready');
        await go;
        console.log(JSON.stringify(ledger.lead('${n}', ${JSON.stringify(elsewhere)}, 1_000, 60_000)));
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

describe('what is old is forgotten', () => {
  const finished = (ledger: Ledger, now: number, ...ids: readonly string[]) => {
    ask(ledger, ...ids);
    for (const id of ids) {
      ledger.claim(id, me, now);
      ledger.finish(id, 'succeeded', null, now);
    }
  };

  test('ticks: all but the last five hundred of each name', async () => {
    const ledger = await openLedger();
    const lease = ledger.lead('one', me, 0, TTL) as Lease;
    const ticks = Array.from({ length: 502 }, (_, n) => tick({ because: `${n}` }));
    ledger.commit(lease, decisions({ ticks: [tick({ name: 'lab/rare' }), ...ticks] }), 1, TTL);
    ledger.forget(1);
    const left = ledger.ticks({ limit: 1_000 }).map(({ because }) => because);
    expect(left).toEqual([...ticks.slice(2).map((one) => one.because)].reverse().concat('nothing changed'));
  });

  test('requests: those that ended ninety days ago and that no tick names', async () => {
    const ledger = await openLedger();
    finished(ledger, 0, 'lab/old@1', 'lab/told@1');
    finished(ledger, 2 * DAY, 'lab/new@1');
    ask(ledger, 'lab/pending@1', 'lab/running@1');
    ledger.claim('lab/running@1', me, 0);
    const lease = ledger.lead('one', me, 0, TTL) as Lease;
    const told = tick({ name: 'lab/told', outcome: 'requested', request: 'lab/told@1' });
    ledger.commit(lease, decisions({ ticks: [told] }), 1, TTL);
    const left = () => ledger.requests({ limit: 9 }).map(({ id }) => id);
    ledger.forget(90 * DAY);
    expect(left()).toContain('lab/old@1');
    ledger.forget(91 * DAY);
    expect(left()).toEqual(['lab/running@1', 'lab/pending@1', 'lab/new@1', 'lab/told@1']);
  });

  test('but not what a sensor names by an id: that is asked for once for ever', async () => {
    const ledger = await openLedger();
    finished(ledger, 0, 'lab/queue:42', 'lab/queue@1');
    ledger.forget(1_000 * DAY);
    expect(ledger.requests({ limit: 9 }).map(({ id }) => id)).toEqual(['lab/queue:42']);
  });
});
