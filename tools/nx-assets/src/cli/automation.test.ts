import { hostname } from 'node:os';
import { assetKey } from '@nx-assets/core';
import { thisProcess } from '@nx-assets/event-log';
import { TestWorkspace } from '@nx-assets/testing';
import { openHistory } from '@nx-assets/workspace/history';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, document, NOW, SHOP } from '../test-support.ts';

const AT = NOW.getTime() - 60_000;
const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
beforeAll(async () => {
  await command(root, 'ls');
  const history = await openHistory(root);
  const { ledger } = history;
  const lease = await ledger.acquireLease('a', thisProcess(), AT, 600_000);
  if (!lease) throw new Error('nobody else leads');
  const tick = { at: AT, detail: null, request: null };
  const request = { id: 'shop/at_noon 1', name: 'shop/at_noon', at: AT, because: 'it was noon' };
  const target = { kind: 'assets', selection: 'raw' } as never;
  await ledger.commit(
    lease,
    {
      states: new Map(),
      ticks: [
        {
          ...tick,
          name: 'shop/at_noon',
          kind: 'schedule',
          outcome: 'requested',
          because: 'it was noon',
          request: request.id,
        },
        {
          ...tick,
          name: assetKey('shop', 'total'),
          kind: 'condition',
          outcome: 'nothing',
          because: 'no news',
        },
      ],
      requests: [{ ...request, target }],
    },
    AT,
    600_000,
  );
  await history.close();
}, 60_000);
afterAll(() => workspace.dispose());

const said = async (...argv: readonly string[]) => (await command(root, 'automation', ...argv)).stdout;

describe('automation status', () => {
  test('lists what runs by itself, when it is due, and what it came to', async () => {
    const text = await said('status');
    expect(text).toMatch(
      /shop\/at_noon +schedule +0 12 \* \* \* UTC +2026-03-05 12:00 UTC +1 min ago +it was noon$/m,
    );
    expect(text).toMatch(/^· shop\/nightly +schedule +0 2 \* \* \* UTC +2026-03-05 02:00 UTC +never$/m);
    expect(text).toMatch(/shop\/total +condition +eager +1 min ago +no news$/m);
    expect(text).toContain('\nRunning: shop/at_noon (pending)\n');
  });

  test('says who serves it', async () => {
    expect(await said('status')).toMatch(
      new RegExp(`The automation daemon runs as process ${process.pid} on ${hostname()}, `),
    );
    const { leader, automations, open } = await document(root, 'automation', 'status');
    expect(leader).toEqual({ pid: process.pid, host: hostname(), since: AT });
    expect(automations).toMatchObject([
      { name: 'shop/at_noon' },
      { name: 'shop/nightly', last: null },
      { name: 'shop/total' },
    ]);
    expect(open).toMatchObject([{ id: 'shop/at_noon 1', status: 'pending' }]);
  });
});

describe('automation history', () => {
  test('lists ticks with their requests', async () => {
    const text = await said('history');
    expect(text).toMatch(/shop\/at_noon +requested, pending +it was noon$/m);
    expect(text).toMatch(/shop\/total +nothing +no news$/m);
  });

  test('of one name has its own, by whatever part of the name there is only one', async () => {
    for (const word of ['total', 'shop:total', 'shop/total']) {
      const { ticks } = await document(root, 'automation', 'history', word);
      expect(ticks).toMatchObject([{ name: 'shop/total', outcome: 'nothing', request: null }]);
    }
    expect((await document(root, 'automation', 'history', '--limit', '1')).ticks).toHaveLength(1);
    expect(await said('history', 'nightly')).toBe('No ticks of shop/nightly yet.\n');
  });
});
