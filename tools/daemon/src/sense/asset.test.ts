import type { AssetKey } from '@nx-assets/core';
import type { History } from '@nx-assets/event-log';
import { beforeEach, describe, expect, test } from 'vitest';
import { Sensing, materialized, openHistory, runFinished, runStarted } from './test-support.ts';

const asset = 'lab/a' as AssetKey;
let history: History;
let looks: Sensing;
let each: Sensing;
beforeEach(async () => {
  history = await openHistory();
  await history.append([runStarted({})]);
  looks = new Sensing({ kind: 'asset', asset, each: 'change' }, { history });
  each = new Sensing({ kind: 'asset', asset, each: 'materialization' }, { history });
});
const make = (dataVersion: string, partition: string | null = null) =>
  history.append([materialized(dataVersion, { partition })]);
const NOT = [false, 'unchanged: lab/a was not materialized'];
const SAME = [false, 'unchanged: lab/a was materialized, to the same data'];
const CHANGED = [true, 'lab/a was materialized'];

describe('an asset', () => {
  test('that was materialized before the first look is remembered', async () => {
    await make('one');
    expect(await looks.look()).toEqual([false, 'first check: it remembers what is there']);
    expect(await looks.look()).toEqual(NOT);
  });

  test('that was never materialized changes with its first value', async () => {
    await looks.look();
    expect(await looks.look()).toEqual(NOT);
    await make('one');
    expect(await looks.look()).toEqual(CHANGED);
    expect(await looks.look()).toEqual(NOT);
  });

  test('that comes out the same has not changed, and each materialization counts where that is asked for', async () => {
    await make('one');
    await Promise.all([looks.look(), each.look()]);
    await make('one');
    expect(await looks.look()).toEqual(SAME);
    expect(await looks.look()).toEqual(NOT);
    expect(await each.look()).toEqual([true, 'lab/a was materialized, to the same data']);
    await make('two');
    expect(await looks.look()).toEqual(CHANGED);
    expect(await each.look()).toEqual(CHANGED);
  });

  test('that was materialized several times is one request, or none where it is as it was', async () => {
    await make('one');
    await looks.look();
    for (const data of ['two', 'three']) await make(data);
    expect(await looks.look()).toEqual(CHANGED);
    for (const data of ['four', 'three']) await make(data);
    expect(await looks.look()).toEqual(SAME);
  });

  test('is not another', async () => {
    await looks.look();
    await history.append([materialized('one', { key: 'lab/b' as AssetKey })]);
    expect(await looks.look()).toEqual(NOT);
  });

  test('of a workspace without a history was not materialized', async () => {
    expect((await looks.look({ history: null }))[0]).toBe(false);
    expect(await looks.look({ history: null })).toEqual(NOT);
    await make('one');
    expect(await looks.look()).toEqual(CHANGED);
  });

  test('whose run was removed from the history is still known', async () => {
    await make('one');
    await looks.look();
    await history.append([runFinished({ status: 'succeeded' }), runStarted({ runId: 'r2', at: 5_000 })]);
    await history.append([materialized('one', { runId: 'r2' })]);
    await history.prune({ olderThan: 4_000, keepRuns: 0 });
    expect(await history.materializations(asset, { limit: 9 })).toHaveLength(1);
    expect(await looks.look()).toEqual(SAME);
  });
});

describe('partitions', () => {
  beforeEach(async () => {
    await make('one of march', '2026-03');
    await make('one of april', '2026-04');
    await looks.look();
  });

  test('count one by one: each is compared with what it was', async () => {
    await make('one of march', '2026-03');
    expect(await looks.look()).toEqual(SAME);
    await make('one of march', '2026-03');
    await make('one of april', '2026-04');
    expect(await looks.look()).toEqual(SAME);
  });

  test('have changed where one of them has, whichever was made last', async () => {
    await make('two of march', '2026-03');
    await make('one of april', '2026-04');
    expect(await looks.look()).toEqual(CHANGED);
    expect(await looks.look()).toEqual(NOT);
  });

  test('have changed where one is new', async () => {
    await make('one of april', '2026-05');
    await make('one of april', '2026-04');
    expect(await looks.look()).toEqual(CHANGED);
  });

  test('of a large backfill are not compared one by one', async () => {
    await history.append(
      Array.from({ length: 1_001 }, () => materialized('one of march', { partition: '2026-03' })),
    );
    expect(await looks.look()).toEqual(CHANGED);
  });
});
