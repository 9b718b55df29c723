import { readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { recordPath } from '@nx-assets/storage/records';
import { describe, expect, test } from 'vitest';
import { findOrphans, removeOrphans } from './orphans.ts';
import { DAYS, make, makeLab, NUMBERS, openLab, processHere, REPORT, SIZED, TOTAL } from './test-support.ts';
import { Workspace } from './workspace.ts';

const lab = makeLab();
const { root } = lab;

const ROW = 'SELECT 1::BIGINT AS id, 5::BIGINT AS n';

describe('a workspace', () => {
  test('opens from any folder in it, and nowhere else', async () => {
    const workspace = await Workspace.open(processHere(join(root, 'packages/lab/src')));
    expect([workspace.root, workspace.groups.map(({ name }) => name)]).toEqual([root, ['lab', 'reports']]);
    expect(workspace.assets.map(({ key }) => key)).toEqual([...workspace.graph.order]);
    await expect(Workspace.open(processHere('/'))).rejects.toMatchObject({ code: 'WORKSPACE_MISSING' });
  });

  test('reads a record once, and a new look reads it again', async () => {
    const workspace = await openLab(root);
    expect(workspace.reading(SIZED).status).toBe('missing');
    await make({ root }, SIZED, '2');
    expect(workspace.reading(SIZED).status).toBe('missing');
    expect(workspace.again().reading(SIZED).status).toBe('found');
  });

  test('says what an asset holds', async () => {
    const made = await make({ root }, NUMBERS, ROW, { at: '2026-03-05T10:00:00.000Z' });
    await make({ root }, DAYS, 'SELECT 1::BIGINT AS n', {
      partition: '2026-03-01',
      at: '2026-03-05T08:00:00.000Z',
    });
    await make({ root }, DAYS, 'FROM (VALUES (1::BIGINT), (2)) t(n)', {
      partition: '2026-03-02',
      at: '2026-03-05T09:00:00.000Z',
    });
    const workspace = await openLab(root);
    expect(await workspace.holds(NUMBERS)).toEqual({
      ...{ rowCount: 1, bytes: made.value.bytes, checks: [], finishedAt: '2026-03-05T10:00:00.000Z' },
    });
    expect(await workspace.holds(DAYS)).toMatchObject({
      ...{ rowCount: 3, bytes: 20, checks: [], finishedAt: '2026-03-05T09:00:00.000Z' },
    });
    expect(await workspace.holds(TOTAL)).toEqual({
      rowCount: null,
      bytes: null,
      checks: [],
      finishedAt: null,
    });
  });

  test('finds the files of an asset, those that there are', async () => {
    const workspace = await openLab(root);
    const files = async (key: typeof DAYS, parts: readonly (string | null)[]) => {
      const manifest = workspace.graph.nodes.get(key);
      return manifest ? workspace.filesOf(manifest, parts) : null;
    };
    expect(await files(DAYS, ['2026-03-02', '2026-03-03'])).toEqual([
      join(root, 'output/lab/days/2026-03-02.parquet'),
    ]);
    expect(await files(NUMBERS, [null])).toEqual([join(root, 'output/lab/numbers.parquet')]);
    expect(await files(TOTAL, [null])).toEqual([]);
  });

  test('finds a value in output, then in the cache, and never one of other bytes', async () => {
    const record = await make({ root }, SIZED, '2');
    const workspace = await openLab(root);
    const place = join(root, record.value.path);
    expect(await workspace.valueOf(record)).toBe(place);
    lab.write({ [record.value.path]: '3' });
    expect(await workspace.valueOf(record)).toBeNull();
    const cached = `.nx/cache/${record.actionKey}/${record.value.path}`;
    lab.write({ [cached]: '4' });
    expect(await workspace.valueOf(record)).toBeNull();
    lab.write({ [cached]: '2' });
    expect(await workspace.valueOf(record)).toBe(join(root, cached));
    lab.write({ [record.value.path]: '2' });
    expect(await workspace.valueOf(record)).toBe(place);
  });

  test('is known while its definitions do not load', async () => {
    const { context } = await openLab(root);
    const file = 'packages/lab/src/index.ts';
    const source = lab.read(file);
    lab.write({ [file]: 'throw new Error("boom");\n' }).group('fresh', { 'index.ts': '' });
    await expect(openLab(root)).rejects.toMatchObject({ code: 'DEFINITION_THREW' });
    const known = Workspace.known(context);
    expect(known.groups.map(({ name, assets }) => [name, assets.length])).toEqual([
      ['fresh', 0],
      ['lab', 4],
      ['reports', 2],
    ]);
    lab.write({ [file]: source }).remove('packages/fresh');
  });
});

describe('configs', () => {
  const check = async (fields: Record<string, number | string>, key = SIZED) =>
    (await openLab(root)).checkConfig([key], { [SIZED]: fields });

  test('that do not fit are refused together', async () => {
    const error = await check({ size: 10, sise: 1 }).catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    expect((error as Error).message).toContain('lab/sized has no field "sise"; did you mean size?');
    expect((error as Error).message).toMatch(/size: .*(<=|small|9)/i);
  });

  test('that fit are not asked for again', async () => {
    const known = join(root, '.nx/nx-assets/configs.json');
    const remembered = () => JSON.parse(readFileSync(known, 'utf8')) as string[];
    await check({ size: 4 });
    const first = remembered();
    utimesSync(known, 1, 1);
    await check({ size: 4 });
    expect([remembered(), statSync(known).mtimeMs]).toEqual([first, 1000]);
    // What is remembered is no reason to accept something else.
    await expect(check({ size: 11 })).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
    lab.write({ '.nx/nx-assets/configs.json': '["to' });
    await check({ size: 4 });
    expect(remembered()).toEqual([first[0]]);
  });

  test('of assets without one need no process', async () => {
    await (await openLab(root)).checkConfig([TOTAL], {});
    await expect((await openLab(root)).checkConfig([TOTAL], { [TOTAL]: { a: 1 } })).rejects.toThrow(
      /lab\/total has no config/,
    );
  });
});

describe('orphans', () => {
  const orphans = async () => {
    const workspace = await openLab(root);
    return findOrphans(root, workspace.assets, await workspace.partitioning());
  };

  test('are none where there is no output', async () => {
    lab.remove('output');
    expect(await orphans()).toEqual([]);
  });

  test('are records that no asset has, and the values that they name', async () => {
    await make({ root }, NUMBERS, ROW);
    const record = await make({ root }, SIZED, '2');
    await make({ root }, DAYS, 'SELECT 1::BIGINT AS n', { partition: '2026-03-01' });
    expect(await orphans()).toEqual([]);

    const old = (key: string, value: string, more: object = {}) => ({
      [`output/${key}.record.json`]: JSON.stringify({
        ...record,
        key,
        value: { ...record.value, path: value },
        ...more,
      }),
    });
    lab.write({
      ...old('gone/asset', 'output/gone/asset.json'),
      'output/gone/asset.json': '12345',
      // A day that is none any more.
      'output/lab/days/2025-01-01.record.json': JSON.stringify({
        ...record,
        ...{
          key: DAYS,
          partition: '2025-01-01',
          value: { ...record.value, path: 'output/lab/days/2025-01-01.parquet' },
        },
      }),
      // Somebody else's files: no record, torn, of another place, or one that names what is not ours.
      'output/mine.json': '{}',
      'output/mine.record.json': '{}',
      'output/torn.record.json': '{"key":',
      'output/elsewhere/x.record.json': JSON.stringify({ ...record, key: 'gone/x' }),
      ...old('gone/out', '../precious.json'),
      ...old('gone/up', 'output/../precious.json'),
      // The value belongs to an asset that there is.
      ...old('gone/taken', record.value.path),
    });
    const found = (await orphans()).map(({ path }) => path).sort();
    expect(found).toEqual([
      'output/gone/asset.json',
      'output/gone/asset.record.json',
      'output/gone/taken.record.json',
      'output/lab/days/2025-01-01.record.json',
    ]);
    expect((await orphans()).find(({ path }) => path === 'output/gone/asset.json')?.bytes).toBe(5);
  });

  test('are gone when they are removed, and nothing else is', async () => {
    removeOrphans(root, [...(await orphans()), { path: 'output/never.json', bytes: 1 }]);
    expect(await orphans()).toEqual([]);
    expect(
      [recordPath(SIZED), 'output/lab/sized.json', 'output/mine.record.json'].map((path) => lab.exists(path)),
    ).toEqual([true, true, true]);
    expect(lab.exists('output/gone/asset.json')).toBe(false);
    expect(lab.exists(recordPath(REPORT))).toBe(false);
  });
});
