import { AssetError } from '@nx-assets/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PreviewRequest, previewView } from './preview-view.ts';
import { Lab, manifestOf } from './test-support.ts';

const SOURCE = `
import { asset, daily } from '@nx-assets/core';
import { z } from 'zod';

export const numbers = asset({
  description: 'Five numbers, one of them unknown.',
  schema: z.object({ id: z.int(), n: z.int().nullable() }),
  materialize: () => [3, 1, null, 2, 5].map((n, id) => ({ id, n })),
});
export const hidden = asset({
  description: 'Rows for nobody.',
  preview: false,
  schema: z.object({ id: z.int() }),
  materialize: () => [{ id: 1 }],
});
export const tokens = asset({
  description: 'Somebody has let a secret in.',
  secrets: ['LAB_TOKEN'],
  schema: z.object({ id: z.int(), text: z.string() }),
  materialize: () => [{ id: 1, text: 'with ' + 'hunter' + '2hunter2' }],
});
export const document = asset({
  description: 'A document with a secret in it.',
  value: z.object({ token: z.string(), list: z.array(z.int()) }),
  materialize: () => ({ token: 'hunter' + '2hunter2', list: [1, 2] }),
});
export const never = asset({
  description: 'Not made.',
  value: z.int(),
  materialize: () => 1,
});
export const days = asset({
  description: 'A number for each of three days.',
  partitions: daily({ start: '2026-03-01', end: '2026-03-04', timeZone: 'UTC' }),
  backfill: 'single-run',
  partitionColumn: 'day',
  schema: z.object({ day: z.string(), n: z.int() }),
  materialize: (_inputs, { partition }) => partition.keys.map((day, n) => ({ day, n })),
});
export const notes = asset({
  description: 'A document for each of two days.',
  partitions: daily({ start: '2026-03-01', end: '2026-03-03', timeZone: 'UTC' }),
  value: z.string(),
  materialize: (_inputs, { partition }) => 'of ' + partition.key,
});
`;

const ALL: PreviewRequest = { offset: 0, limit: 50, sort: null, descending: false, partition: null };

let lab: Lab;
beforeAll(async () => {
  lab = new Lab(SOURCE, { LAB_TOKEN: 'hunter2hunter2' });
  await lab.run('r1', ['numbers', 'hidden', 'tokens', 'document', 'days', 'notes']);
}, 120_000);
afterAll(() => lab.dispose());

const preview = async (name: string, request: Partial<PreviewRequest> = {}) => {
  const workspace = await lab.open();
  return previewView(workspace, manifestOf(workspace, name), { ...ALL, ...request });
};

describe('rows', () => {
  test('come as they lie there, with the types of their columns', async () => {
    expect(await preview('numbers')).toEqual({
      kind: 'rows',
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'n', type: 'integer' },
      ],
      rows: [3, 1, null, 2, 5].map((n, id) => ({ id, n })),
      total: 5,
      offset: 0,
    });
  });

  test('come by pages, and what is unknown last, whichever way they are sorted', async () => {
    const up = await preview('numbers', { sort: 'n', limit: 3, offset: 2 });
    expect(up).toMatchObject({ rows: [{ n: 3 }, { n: 5 }, { n: null }], total: 5, offset: 2 });
    const down = await preview('numbers', { sort: 'n', descending: true });
    expect(down).toMatchObject({ rows: [{ n: 5 }, { n: 3 }, { n: 2 }, { n: 1 }, { n: null }] });
    expect(await preview('numbers', { offset: 99 })).toMatchObject({ rows: [], total: 5, offset: 99 });
    expect(await preview('numbers', { limit: 0 })).toMatchObject({ rows: [], total: 5 });
  });

  test.each([['m'], ['n"; DROP TABLE x; --'], ['']])('are not sorted by "%s"', async (sort) => {
    await expect(preview('numbers', { sort })).rejects.toThrow(
      expect.toSatisfy(
        (error) => error instanceof AssetError && error.facts === `lab/numbers has no column ${sort}.`,
      ),
    );
  });

  test('of all partitions, or of one', async () => {
    expect(await preview('days')).toMatchObject({ total: 3 });
    const one = await preview('days', { partition: '2026-03-02' });
    expect(one).toMatchObject({ total: 1, rows: [{ day: '2026-03-02' }] });
    await expect(preview('days', { partition: '2026-03-09' })).rejects.toThrow(/no partition 2026-03-09/);
  });
});

describe('what is not shown', () => {
  test('the rows of an asset that keeps them to itself', async () => {
    const found = await preview('hidden');
    expect(found).toEqual({
      kind: 'none',
      because: 'This asset keeps its rows to itself: `preview: false`.',
    });
  });

  test('what is not there', async () => {
    expect(await preview('never')).toEqual({ kind: 'none', because: 'It is not materialized yet.' });
  });

  test('secrets, in rows and in documents', async () => {
    for (const name of ['tokens', 'document']) {
      const text = JSON.stringify(await preview(name));
      expect(text).not.toContain('hunter2');
      expect(text).toContain('[secret]');
    }
  });
});

describe('lines', () => {
  test('of a document, by pages', async () => {
    const whole = await preview('document');
    if (whole.kind !== 'lines') throw new Error(whole.kind);
    expect(whole.isWhole).toBe(true);
    const { lines } = whole;
    expect(await preview('document', { limit: 2 })).toEqual({
      kind: 'lines',
      lines: lines.slice(0, 2),
      isWhole: lines.length <= 2,
    });
    expect(await preview('document', { offset: lines.length - 1 })).toMatchObject({ lines: lines.slice(-1) });
    expect(await preview('document', { offset: 99 })).toEqual({ kind: 'lines', lines: [], isWhole: true });
  });

  test('of the newest partition, or of the one that is named', async () => {
    expect(await preview('notes')).toMatchObject({ lines: ['"of 2026-03-02"'] });
    expect(await preview('notes', { partition: '2026-03-01' })).toMatchObject({ lines: ['"of 2026-03-01"'] });
  });
});
