import type { AssetKey, Json } from '@nx-assets/core';
import { AssetError } from '@nx-assets/core';
import type { Materialization } from '@nx-assets/event-log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareView, rowsDiff } from './compare-view.ts';
import { Lab } from './test-support.ts';

const SOURCE = `
import { asset, daily, unique } from '@nx-assets/core';
import { z } from 'zod';

const partitions = daily({ start: '2026-03-01', end: '2026-03-03', timeZone: 'UTC' });
const isFirst = (partition) => partition.key === '2026-03-01';

export const orders = asset({
  description: 'Orders of which one changed, one went and two came.',
  partitions,
  schema: z.object({ region_key: z.int(), id: z.int(), amount: z.int() }),
  materialize: (_inputs, { partition }) =>
    isFirst(partition)
      ? [{ region_key: 1, id: 1, amount: 10 }, { region_key: 1, id: 2, amount: 20 }, { region_key: 1, id: 3, amount: 30 }]
      : [{ region_key: 1, id: 5, amount: 50 }, { region_key: 1, id: 2, amount: 21 }, { region_key: 1, id: 3, amount: 30 },
         { region_key: 1, id: 4, amount: 40 }],
});
export const codes = asset({
  description: 'A check says what is unique.',
  partitions,
  checks: [unique('code')],
  schema: z.object({ id: z.int(), code: z.string() }),
  materialize: (_inputs, { partition }) =>
    isFirst(partition) ? [{ id: 1, code: 'a' }, { id: 2, code: 'b' }] : [{ id: 2, code: 'a' }, { id: 1, code: 'b' }],
});
export const points = asset({
  description: 'Rows without a key, whose columns are called like anything.',
  partitions,
  schema: z.object({ n: z.int(), w: z.int().nullable() }),
  materialize: (_inputs, { partition }) =>
    isFirst(partition) ? [{ n: 1, w: 1 }, { n: 2, w: null }] : [{ n: 1, w: 2 }, { n: 2, w: null }],
});
export const total = asset({ description: 'A number.', value: z.int(), materialize: () => 1 });
export const later = asset({ description: 'Made later.', value: z.int(), materialize: () => 1 });
`;

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(SOURCE);
  await lab.run('run-1', ['orders', 'codes', 'points', 'total']);
  await lab.run('run-2', ['later']);
}, 120_000);
afterAll(() => lab.dispose());

/** What the history has of each day of an asset: the oldest, since tests write others after it. */
const made = (name: string): Promise<readonly [first: Materialization, second: Materialization]> =>
  lab.history(async (history) => {
    const all = await history.materializations(`lab/${name}` as AssetKey, { limit: 10 });
    const [first, second] = ['2026-03-01', '2026-03-02'].map((day) =>
      all.findLast(({ partition }) => partition === day),
    );
    if (!first || !second) throw new Error(`lab/${name} was not made.`);
    return [first, second];
  });

/** Writes another record of an asset into the history, as an older definition would have made it; gives its name there. */
const madeOtherwise = (like: Materialization, change: (record: Record<string, Json>) => object) =>
  lab.history(async (history) => {
    const record = { ...(like.record as Record<string, Json>) };
    const changed = { ...record, ...change(record) } as Json;
    await history.append([{ ...like, type: 'materialized', record: changed }]);
    return `record:${await history.lastEvent()}`;
  });

const rows = async (asset: string, from: string, to: string, limit = 100) => {
  const workspace = await lab.open();
  return lab.history((history) => rowsDiff(workspace, history, { from, to, asset: `lab/${asset}`, limit }));
};
const compared = async (from: string, to: string) => {
  const workspace = await lab.open();
  return lab.history((history) => compareView(workspace, history, from, to));
};
const days = async (name: string, limit?: number) => {
  const [first, second] = await made(name);
  return rows(name, `record:${first.id}`, `record:${second.id}`, limit);
};

describe('rows', () => {
  test('are matched by what people call a key, where it is one', async () => {
    expect(await days('orders')).toEqual({
      ...{
        asset: 'lab/orders',
        by: ['id'],
        columns: ['region_key', 'id', 'amount'],
        total: 4,
        because: null,
      },
      rows: [
        { change: 'removed', was: { region_key: 1, id: 1, amount: 10 }, now: null },
        {
          change: 'changed',
          was: { region_key: 1, id: 2, amount: 20 },
          now: { region_key: 1, id: 2, amount: 21 },
        },
        { change: 'added', was: null, now: { region_key: 1, id: 4, amount: 40 } },
        { change: 'added', was: null, now: { region_key: 1, id: 5, amount: 50 } },
      ],
    });
  });

  test('are no more than were asked for, and all are counted', async () => {
    const some = await days('orders', 1);
    expect(some.rows).toHaveLength(1);
    expect(some.total).toBe(4);
    expect(await days('orders', 0)).toMatchObject({ rows: [], total: 4 });
  });

  test('are matched by what a check calls unique before anything else', async () => {
    expect(await days('codes')).toMatchObject({
      by: ['code'],
      rows: [
        { change: 'changed', was: { id: 1, code: 'a' }, now: { id: 2, code: 'a' } },
        { change: 'changed', was: { id: 2, code: 'b' }, now: { id: 1, code: 'b' } },
      ],
    });
  });

  test('are compared whole where nothing is a key, and what is unknown is the same', async () => {
    expect(await days('points')).toMatchObject({
      by: [],
      total: 2,
      rows: [
        { change: 'removed', was: { n: 1, w: 1 } },
        { change: 'added', now: { n: 1, w: 2 } },
      ],
    });
  });

  test('are the same on both sides of one record', async () => {
    const [first] = await made('orders');
    const same = await rows('orders', `record:${first.id}`, `record:${first.id}`);
    expect(same).toMatchObject({ rows: [], total: 0, because: null });
  });

  test('are compared by the columns that both sides have', async () => {
    const [first, second] = await made('orders');
    const older = await madeOtherwise(first, ({ value }) => {
      const { columns, ...rest } = value as { columns: { name: string }[] };
      return { value: { ...rest, columns: columns.filter(({ name }) => name !== 'id') } };
    });
    const diff = await rows('orders', older, `record:${second.id}`);
    expect(diff).toMatchObject({ columns: ['region_key', 'amount'], by: [] });
  });
});

describe('nothing can be compared', () => {
  test.each([
    ['run-1', 'run-2', 'It is new.'],
    ['run-2', 'run-1', 'It was removed.'],
    ['run-2', 'run-2', 'Only tables are compared row by row.'],
  ])('from %s to %s: %s', async (from, to, because) => {
    const nothing = { asset: 'lab/later', by: [], columns: [], rows: [], total: 0 };
    expect(await rows('later', from, to)).toEqual({ ...nothing, because });
  });

  test('where a value is gone', async () => {
    const [first, second] = await made('orders');
    const gone = await madeOtherwise(first, () => ({ dataVersion: 'f'.repeat(64), actionKey: 'gone' }));
    expect(await rows('orders', gone, `record:${second.id}`)).toMatchObject({
      because: 'One of the two values is missing: Nx no longer has it in its cache.',
    });
  });

  test('where it has become a table', async () => {
    const [first, second] = await made('orders');
    const number = await madeOtherwise(first, ({ value }) => ({
      value: { ...(value as object), type: 'json', columns: null },
    }));
    expect(await rows('orders', number, `record:${second.id}`)).toMatchObject({
      because: 'Only tables are compared row by row.',
    });
  });

  test('where neither of the two knows it, or there is no such record', async () => {
    const [first] = await made('orders');
    const asked = rows('points', `record:${first.id}`, `record:${first.id}`);
    await expect(asked).rejects.toThrow(/Neither of the two knows an asset lab\/points/);
    const unknown = await rows('orders', 'record:999999', 'run-1').catch((error: unknown) => error);
    expect(unknown).toBeInstanceOf(AssetError);
    expect(unknown).toMatchObject({ facts: 'The history has no record 999999.' });
  });
});

describe('two states', () => {
  test('say what came and went, and what was left out', async () => {
    const forth = await compared('run-1', 'run-2');
    expect(forth).toMatchObject({ from: 'run-1', to: 'run-2', unchanged: 1, notCompared: 3 });
    expect(forth.assets).toMatchObject([{ key: 'lab/later', status: 'added', cause: 'new', rows: null }]);
    const back = await compared('run-2', 'run-1');
    expect(back.assets).toMatchObject([{ key: 'lab/later', status: 'removed', cause: 'gone', rows: null }]);
  });

  test('of one record each count rows and leave nothing out', async () => {
    const [first, second] = await made('orders');
    const view = await compared(`record:${first.id}`, `record:${second.id}`);
    expect(view).toMatchObject({ unchanged: 0, notCompared: 0 });
    expect(view.assets).toMatchObject([
      { key: 'lab/orders', rowCount: [3, 4], rows: { added: 2, removed: 1, changed: 1 }, cause: 'outside' },
    ]);
  });

  test('name the types of a column that has another one now, and what made the difference', async () => {
    const [first, second] = await made('orders');
    const older = await madeOtherwise(first, ({ value, code }) => {
      const { columns, ...rest } = value as { columns: { name: string; type: object }[] };
      const text = columns.map((one) => (one.name === 'amount' ? { ...one, type: 'string' } : one));
      return {
        value: { ...rest, columns: text },
        code: { ...(code as object), version: 'older' },
      };
    });
    const [diff] = (await compared(older, `record:${second.id}`)).assets;
    expect(diff?.columns).toMatchObject({ added: [], removed: [] });
    expect(diff?.columns.changed).toMatchObject([{ name: 'amount', now: 'integer' }]);
    expect(diff?.columns.changed[0]?.was).not.toBe('integer');
    expect(diff?.cause).toBe('code');
  });
});
