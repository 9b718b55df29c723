import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import {
  type AutomationLedger,
  type NewRequest,
  type NewTick,
  type ProcessIdentity,
  thisProcess,
} from '@nx-assets/event-log';
import { historyPath } from '@nx-assets/workspace/history';
import type { Workspace } from '@nx-assets/workspace/workspace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { automationView, ticksView } from './automation-view.ts';
import { Lab } from './test-support.ts';

const SOURCE = `
import { asset, job } from '@nx-assets/core';
import { eager, files, schedule, sensor } from '@nx-assets/core/automation';
import { z } from 'zod';

export const one = asset({ description: 'One.', value: z.int(), materialize: () => 1 });
export const two = asset({ description: 'Two.', value: z.int(), automation: eager(), materialize: () => 2 });
export const nightly = job({
  description: 'Every night.', select: one, schedule: { cron: '0 6 * * *', timeZone: 'UTC' },
});
export const hourly = schedule({
  description: 'Every hour.', cron: '0 * * * *', timeZone: 'Europe/Berlin', run: one,
});
export const list = sensor({ description: 'A list.', watch: files('lists/*.txt'), every: '10s', run: one });
export const asked = sensor({
  description: 'A function.', every: '5m', run: one, check: () => ({ cursor: 1, requests: [] }),
});
`;

const NOW = Date.UTC(2026, 2, 9, 8, 30);
const TTL = 30_000;
/** No process has this number: the kernel gives out smaller ones. */
const GONE = { pid: 2 ** 22 + 1, host: hostname(), start: null };

const tick = (fields: Partial<NewTick> = {}): NewTick => ({
  ...{ name: 'lab/hourly', kind: 'schedule', at: NOW - 1_000, outcome: 'nothing', because: 'not due' },
  ...{ detail: null, request: null },
  ...fields,
});
const request = (id: string, fields: Partial<NewRequest> = {}): NewRequest => ({
  ...{ id, name: 'lab/hourly', at: NOW, because: 'it was due' },
  target: { job: null, select: 'lab/one', assets: null, partition: null, config: {} },
  ...fields,
});

let lab: Lab;
let workspace: Workspace;
beforeAll(async () => {
  lab = new Lab(SOURCE);
  lab.context.now = () => new Date(NOW);
  workspace = await lab.open();
}, 120_000);
afterAll(() => lab.dispose());
// Each test begins with a history of its own, or none.
beforeEach(() => ['', '-wal', '-shm'].forEach((end) => rmSync(historyPath(lab.root) + end, { force: true })));

const view = () => automationView(workspace);

/** What a leader keeps in one turn, and does with its requests after it. */
const keep = (
  ticks: readonly NewTick[],
  requests: readonly NewRequest[] = [],
  then: (ledger: AutomationLedger) => Promise<unknown> = () => Promise.resolve(),
) =>
  lab.history(async ({ ledger }) => {
    const lease = await ledger.acquireLease('me', thisProcess(), NOW, TTL);
    if (!lease) throw new Error('Another one leads.');
    expect(await ledger.commit(lease, { states: new Map(), ticks, requests }, NOW, TTL)).toBe(true);
    await then(ledger);
  });

describe('what runs by itself', () => {
  test('is known before anything has been served, with when each is asked', async () => {
    const { leader, automations, underWay } = await view();
    expect({ leader, underWay }).toEqual({ leader: null, underWay: [] });
    const lines = automations.map(({ name, kind, description, when, nextAt, last }) => {
      expect(last).toBeNull();
      return [name, kind, description, when, nextAt && new Date(nextAt).toISOString()];
    });
    expect(lines.sort((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      ['lab/asked', 'sensor', 'A function.', 'a function, every 5m', null],
      ['lab/hourly', 'schedule', 'Every hour.', '0 * * * * Europe/Berlin', '2026-03-09T09:00:00.000Z'],
      ['lab/list', 'sensor', 'A list.', 'files lists/*.txt, every 10s', null],
      ['lab/nightly', 'schedule', 'Every night.', '0 6 * * * UTC', '2026-03-10T06:00:00.000Z'],
      ['lab/two', 'condition', '', expect.any(String), null],
    ]);
  });

  test('has what it came to last, and what became of what it asked for', async () => {
    const asking = tick({ at: NOW, outcome: 'requested', because: 'it was due', request: 'q1' });
    await keep([tick(), asking], [request('q1')], async (ledger) => {
      await ledger.claim('q1', thisProcess(), NOW);
      await ledger.addRun('q1', 'run-1');
      await ledger.finish('q1', 'failed', 'There is no asset lab/one.', NOW + 5);
    });
    const { automations } = await view();
    expect(automations.find(({ name }) => name === 'lab/hourly')?.last).toMatchObject({
      ...{ name: 'lab/hourly', firstAt: NOW, lastAt: NOW, times: 1, outcome: 'requested' },
      ...{ because: 'it was due', tree: null },
      request: { id: 'q1', status: 'failed', runs: ['run-1'], problem: 'There is no asset lab/one.' },
    });
    expect(automations.find(({ name }) => name === 'lab/nightly')?.last).toBeNull();
  });

  test('is under way until it has ended', async () => {
    const requests = ['q1', 'q2', 'q3'].map((id) => request(id));
    await keep([], requests, async (ledger) => {
      for (const id of ['q1', 'q2']) await ledger.claim(id, thisProcess(), NOW);
      await ledger.finish('q1', 'succeeded', null, NOW);
    });
    expect((await view()).underWay).toEqual([
      { id: 'q2', name: 'lab/hourly', status: 'running' },
      { id: 'q3', name: 'lab/hourly', status: 'pending' },
    ]);
  });
});

describe('who serves', () => {
  const lead = (process: ProcessIdentity, at: number) =>
    lab.history(({ ledger }) => ledger.acquireLease(`${process.host} ${process.pid}`, process, at, TTL));

  test('is the process that has the lease', async () => {
    await lead(thisProcess(), NOW - 10);
    expect((await view()).leader).toEqual({ pid: process.pid, host: hostname(), since: NOW - 10 });
  });

  test('may be on another machine, of which nobody here knows whether it lives', async () => {
    await lead({ ...GONE, host: `not-${hostname()}` }, NOW - 10);
    expect((await view()).leader).toMatchObject({ host: `not-${hostname()}` });
  });

  test('is nobody where the lease has expired, was given back, or its process is gone', async () => {
    await lead(thisProcess(), NOW - TTL);
    expect((await view()).leader).toBeNull();
    const lease = await lead(thisProcess(), NOW);
    await lab.history(async ({ ledger }) => lease && ledger.releaseLease(lease));
    expect((await view()).leader).toBeNull();
    await lead(GONE, NOW);
    expect((await view()).leader).toBeNull();
  });
});

describe('ticks', () => {
  const ticks = (name: string | null = null, limit = 50) => ticksView(lab.root, name, limit);

  test('are none where nothing was ever served', async () => {
    expect(await ticks()).toEqual([]);
  });

  test('come newest first, of all or of one, and no more than are asked for', async () => {
    await keep([
      tick({ at: NOW - 3, because: 'first' }),
      tick({ at: NOW - 2, because: 'of another', name: 'lab/list', kind: 'sensor' }),
      tick({ at: NOW - 1, because: 'last', outcome: 'skipped' }),
    ]);
    const said = async (name?: string | null, limit?: number) =>
      (await ticks(name, limit)).map(({ because }) => because);
    expect(await said()).toEqual(['last', 'of another', 'first']);
    expect(await said('lab/hourly')).toEqual(['last', 'first']);
    expect(await said('lab/unknown')).toEqual([]);
    expect(await said(null, 2)).toEqual(['last', 'of another']);
  });

  test('that came to the same are one, with its first and last time', async () => {
    await keep([tick({ at: NOW - 20 }), tick({ at: NOW - 10 }), tick({ at: NOW })]);
    expect(await ticks()).toMatchObject([{ firstAt: NOW - 20, lastAt: NOW, times: 3 }]);
  });

  test('of a condition have the tree of what held, without what only the daemon needs', async () => {
    const leaf = { kind: 'missing', held: false, because: 'it exists', cause: '' };
    const detail = {
      ...{ kind: 'all', held: false, because: 'not all hold', cause: 'x' },
      of: [leaf, { kind: 'any', held: true, because: 'one holds', cause: 'y', of: [leaf, 'odd', {}] }],
    };
    await keep([tick({ name: 'lab/two', kind: 'condition', detail })]);
    const shown = { kind: 'missing', held: false, because: 'it exists', of: [] };
    expect((await ticks())[0]?.tree).toEqual({
      ...{ kind: 'all', held: false, because: 'not all hold' },
      of: [shown, { kind: 'any', held: true, because: 'one holds', of: [shown] }],
    });
  });

  test('have no tree where their detail is something else', async () => {
    const details = [null, { seen: 3 }, { kind: 'all' }, { held: true }];
    await keep(details.map((detail, number) => tick({ detail, because: `${number}` })));
    expect((await ticks()).map(({ tree }) => tree)).toEqual([null, null, null, null]);
  });
});
