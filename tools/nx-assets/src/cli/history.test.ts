import { assetKey } from '@nx-assets/core';
import { recordPath } from '@nx-assets/storage/records';
import { TestWorkspace } from '@nx-assets/testing';
import { openHistory } from '@nx-assets/workspace/history';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { command, document, MADE, materialize, SHOP } from '../test-support.ts';

const [FIRST, SECOND, THIRD] = ['20260304T100000000-1', '20260304T110000000-1', '20260304T113000000-1'];
const workspace = new TestWorkspace(SHOP);
const { root } = workspace;
/** Where the record of `raw` lies after each run. */
const kept = join(root, 'first.json');
beforeAll(async () => {
  await materialize(root, FIRST, 'raw', 'upper', 'total');
  workspace.write({ 'first.json': workspace.read(recordPath(assetKey('shop', 'raw'))) });
  // Other words from outside, which a change of the code lets in. A process loads definitions once: only comments change.
  workspace
    .write({ 'data.json': '["one", "seven"]' })
    .edit('packages/shop/src/index.ts', (code) => `${code}// once\n`);
  await materialize(root, SECOND, 'raw', 'upper', 'total');
  workspace.write({ broken: '' }).edit('packages/shop/src/index.ts', (code) => `${code}// twice\n`);
  await materialize(root, THIRD, 'total', 'days');
}, 60_000);
afterAll(() => workspace.dispose());

const said = async (...argv: readonly string[]) => (await command(root, ...argv)).stdout;

interface RunRow {
  readonly runId: string;
  readonly status: string;
  readonly steps: Readonly<Record<string, number>>;
}
const runs = async (...argv: readonly string[]) => (await document(root, 'runs', ...argv)).runs as RunRow[];

describe('runs', () => {
  test('are listed with what their steps came to', async () => {
    expect(
      Object.fromEntries((await runs()).map(({ runId, status, steps }) => [runId, { status, steps }])),
    ).toEqual({
      [FIRST]: { status: 'succeeded', steps: { materialized: 3 } },
      [SECOND]: { status: 'succeeded', steps: { materialized: 3 } },
      [THIRD]: { status: 'failed', steps: { failed: 4 } },
    });
    const text = await said('runs');
    expect(text).toMatch(
      /^✖ 20260304T113000000-1 +failed +30 min ago +1\.5 s +4 failed +nx run total days$/m,
    );
    expect(text).toMatch(/^✔ 20260304T100000000-1 +succeeded +30 min ago +1\.5 s +3 materialized +nx run /m);
  });

  test('are as many as are asked for, or of one status', async () => {
    expect(await runs('--limit', '1')).toHaveLength(1);
    expect((await runs('--status', 'failed')).map(({ runId }) => runId)).toEqual([THIRD]);
    expect(await said('runs', '--status', 'lost')).toBe('No runs match --status lost.\n');
    expect(await runs('--status', 'lost')).toEqual([]);
  });

  test('one of them is shown with its steps and why they failed', async () => {
    const text = await said('runs', THIRD);
    expect(text).toMatch(/^shop\/days \[2026-03-02\] +failed +not materialized yet/m);
    expect(text).toMatch(/^shop\/total +failed +code changed: shop\/src\/index\.ts/m);
    expect(text).toMatch(/^✖ shop\/total\n {4}.*it is broken/m);
    expect(text).toMatch(/^✖ shop\/days \[2026-03-03\]\n {4}.*no 2026-03-03/m);
  });

  test('one of them is found by the beginning of its id, where only one begins so', async () => {
    const { run, steps } = await document(root, 'runs', '20260304T10');
    expect(run).toMatchObject({ runId: FIRST, requested: ['shop/raw', 'shop/upper', 'shop/total'] });
    expect((steps as { key: string }[]).map(({ key }) => key)).toEqual([
      'shop/raw',
      'shop/upper',
      'shop/total',
    ]);
    const many = await command(root, 'runs', '20260304');
    expect(many.code).toBe(2);
    expect(many.stderr).toContain('COMMAND_INVALID: 3 runs begin with 20260304.');
  });
});

describe('logs', () => {
  const told =
    "shop/raw reads data.json, which its definition does not declare. A change of it would not re-run the asset. Add `reads: ['{workspaceRoot}/data.json']` to its definition.";

  test('are lines with time, asset and level', async () => {
    expect(await said('logs', FIRST)).toBe(
      ['there are 3', 'warn that is many', told]
        .map((line) => `${MADE.toISOString()} shop/raw ${line}\n`)
        .join(''),
    );
  });

  test('of one asset are its own', async () => {
    expect(await said('logs', FIRST, 'total')).toBe('shop/total logged nothing.\n');
    const { runId, lines } = await document(root, 'logs', SECOND, 'shop/raw');
    expect(runId).toBe(SECOND);
    const [first, ...others] = lines as readonly object[];
    expect(first).toMatchObject({ key: 'shop/raw', level: 'info', message: 'there are 2' });
    expect(others).toMatchObject([{ key: 'shop/raw', message: told }]);
  });

  test('of an op are asked for by its whole name, whether there is one or not', async () => {
    expect(await document(root, 'logs', FIRST, 'shop/nightly/look')).toEqual({
      version: 2,
      runId: FIRST,
      lines: [],
    });
    expect((await command(root, 'logs', FIRST, 'look')).stderr).toContain('There is no asset look');
  });

  test('come to their end where there are more than one asks for at a time', async () => {
    const history = await openHistory(root);
    const step = { at: 1, runId: THIRD, key: assetKey('shop', 'total'), partition: null };
    await history.append(
      Array.from(
        { length: 5_001 },
        (_, n) => ({ ...step, type: 'log', level: 'debug', message: `line ${n}` }) as const,
      ),
    );
    await history.close();
    const lines = (await said('logs', THIRD, 'total')).trimEnd().split('\n');
    const told = (await document(root, 'logs', THIRD)).lines as { message: string }[];
    expect(lines).toHaveLength(told.length);
    expect(new Set(told.map(({ message }) => message)).size).toBe(told.length);
    expect(lines[0]).toBe('1970-01-01T00:00:00.001Z shop/total debug line 0');
  });
});

describe('what comes of a failed step', () => {
  test('is the status of its asset, with the error', async () => {
    const text = await said('why', 'total');
    expect(text).toMatch(
      /^shop\/total {2}failed, stale {2}materialized 30 min ago, run 20260304T110000000-1$/m,
    );
    expect(text).toMatch(/^ {2}failed 30 min ago, run 20260304T113000000-1: .*it is broken/m);
    expect(await said('show', 'total')).toMatch(/^failed +30 min ago: .*it is broken/m);
    expect(await said('status', 'total')).toMatch(/^✖ shop\/total +failed, stale +code changed/m);
  });

  test('is counted of partitions', async () => {
    expect(await said('partitions', 'days')).toMatch(
      /^✖ 2026-03-01 +failed +last step failed; not materialized/m,
    );
    expect((await document(root, 'partitions', 'days', '--status', 'failed')).counts).toEqual({
      total: 3,
      fresh: 0,
      stale: 0,
      missing: 0,
      failed: 3,
    });
    const { steps } = await document(root, 'plan', 'days', '--failed');
    expect(steps).toHaveLength(3);
    const only = await document(root, 'plan', 'days', '--failed', '--partition', 'latest');
    expect(only.steps).toMatchObject([{ partition: '2026-03-03', action: 'run' }]);
  });
});

describe('diff', () => {
  test('says in which rows, columns and statistics two records differ', async () => {
    const { assets } = await document(root, 'diff', kept, join(root, recordPath(assetKey('shop', 'raw'))));
    expect(assets).toMatchObject([
      {
        key: 'shop/raw',
        status: 'changed',
        rowCount: [3, 2],
        columns: { added: [], removed: [], changed: [] },
      },
    ]);
    expect(await said('diff', kept, join(root, recordPath(assetKey('shop', 'raw'))))).toMatch(
      /^shop\/raw {2}changed {2}3 → 2 rows/,
    );
  });

  test('says that nothing does', async () => {
    expect(await said('diff', SECOND, SECOND)).toBe('No differences in the data.\n');
    expect(await document(root, 'diff', kept, kept)).toEqual({ version: 2, assets: [] });
  });

  test('takes what only one side has as all there is', async () => {
    const { assets } = await document(root, 'diff', kept, join(root, recordPath(assetKey('shop', 'upper'))));
    expect(
      (assets as { key: string; status: string; rowCount: unknown }[]).map((one) => [
        one.key,
        one.status,
        one.rowCount,
      ]),
    ).toEqual([
      ['shop/raw', 'removed', [3, null]],
      ['shop/upper', 'added', [null, 2]],
    ]);
  });

  test('refuses what is no record, and a record that the history does not have', async () => {
    const file = await command(root, 'diff', join(root, 'package.json'), kept);
    expect(file).toMatchObject({ code: 2, stdout: '' });
    expect(file.stderr).toContain('package.json is no record of an asset.');
    expect((await command(root, 'diff', 'record:999999', kept)).stderr).toContain(
      'The history has no record 999999.',
    );
    expect((await command(root, 'diff', 'nowhere.json', kept)).stderr).toContain(
      'There is no run nowhere.json.',
    );
  });
});

describe('prune', () => {
  const orphan = 'output/shop/gone.parquet';
  const GONE = JSON.stringify({ key: 'shop/gone', value: { path: orphan } });

  test('only says what would go, where it is asked to', async () => {
    workspace.write({
      [orphan]: '12345',
      'output/shop/gone.record.json': GONE,
      'output/shop/notes.txt': 'mine',
    });
    const text = await said('prune', '--dry-run', '--keep-runs', '1');
    expect(text).toContain(`${orphan}  5 B\n`);
    expect(text).toContain('2 files of deleted assets would be removed: 68 B\n');
    expect(text).toContain('2 runs would be removed from the history');
    expect(workspace.exists(orphan)).toBe(true);
    expect(await runs()).toHaveLength(3);
  });

  test('refuses a time that is none, and removes nothing', async () => {
    const { code } = await command(root, 'prune', '--older-than', 'long', '--dry-run');
    expect(code).not.toBe(0);
    expect(await runs()).toHaveLength(3);
  });

  test('removes runs that began before, and files of deleted assets', async () => {
    expect(await document(root, 'prune', '--older-than', '1h')).toMatchObject({
      dryRun: false,
      history: { runs: 0 },
    });
    expect(workspace.exists(orphan)).toBe(false);
    expect(workspace.exists('output/shop/raw.parquet')).toBe(true);
    expect(workspace.read('output/shop/notes.txt')).toBe('mine');
    expect(await document(root, 'prune', '--keep-runs', '1')).toMatchObject({
      history: { runs: 2 },
      orphans: [],
    });
    expect(await runs()).toHaveLength(1);
  });
});
