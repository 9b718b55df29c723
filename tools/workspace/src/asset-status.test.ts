import { describe, expect, test } from 'vitest';
import { failedPartitions, planOf, assetStates } from './asset-status.ts';
import { chooseAssets, chooseOne } from './choose-assets.ts';
import { explain } from './explain.ts';
import {
  DAYS,
  make,
  makeLab,
  NUMBERS,
  openLab,
  OTHER_TOTAL,
  remember,
  REPORT,
  runOf,
  SIZED,
  TOTAL,
} from './test-support.ts';

const ERROR = { code: 'ASSET_THREW', message: 'no number today' };

const lab = makeLab();
const { root } = lab;

const statuses = async (given?: Parameters<typeof openLab>[1]) =>
  Object.fromEntries(
    [...(await assetStates(await openLab(root, given)))].map(([key, { statuses: own }]) => [key, own]),
  );

// One workspace, to which more and more happens.
describe('assets stand', () => {
  test('as missing where nothing was made', async () => {
    expect(await statuses()).toEqual({
      [NUMBERS]: ['missing'],
      [TOTAL]: ['missing'],
      [DAYS]: ['missing'],
      [SIZED]: ['missing'],
      [OTHER_TOTAL]: ['missing'],
      [REPORT]: ['missing'],
    });
    const total = (await assetStates(await openLab(root))).get(TOTAL);
    expect(total).toMatchObject({ failure: null, dataFrom: null, counts: null, step: { action: 'run' } });
  });

  test('as fresh where they were made from what is there', async () => {
    await make({ root }, NUMBERS, 'SELECT 1::BIGINT AS id, 5::BIGINT AS n', {
      at: '2026-03-05T09:00:00.000Z',
    });
    await make({ root }, TOTAL, '5');
    await make({ root }, SIZED, '2');
    expect(await statuses()).toMatchObject({
      [NUMBERS]: ['fresh'],
      [TOTAL]: ['fresh'],
      [SIZED]: ['fresh'],
      [OTHER_TOTAL]: ['missing'],
    });
    // The data is as old as what it was made from, not as its own file.
    const total = (await assetStates(await openLab(root), [TOTAL])).get(TOTAL);
    expect(total).toMatchObject({ dataFrom: '2026-03-05T09:00:00.000Z', step: { action: 'keep' } });
  });

  test('as due or overdue by the clock alone', async () => {
    const later = await statuses({ now: () => new Date('2026-03-07T00:00:00.000Z') });
    expect(later[NUMBERS]).toEqual(['overdue']);
    expect(later[SIZED]).toEqual(['fresh']);
  });

  test('by their partitions, where they have some', async () => {
    await make({ root }, DAYS, 'SELECT 1::BIGINT AS n', { partition: '2026-03-01' });
    await make({ root }, DAYS, 'SELECT 2::BIGINT AS n', { partition: '2026-03-02' });
    const days = (await assetStates(await openLab(root))).get(DAYS);
    expect(days?.counts).toEqual({ total: 4, fresh: 2, stale: 0, missing: 2, failed: 0 });
    expect(days?.statuses).toEqual(['stale']);
  });

  test('as failed where their last step was', async () => {
    await remember(root, [
      ...runOf({ runId: 'old', at: 1000, key: NUMBERS, error: ERROR }),
      ...runOf({ runId: 'new', at: 2000, key: NUMBERS }),
      ...runOf({ runId: 'bad', at: 3000, key: TOTAL, error: ERROR }),
      ...runOf({ runId: 'day', at: 4000, key: DAYS, partition: '2026-03-03', error: ERROR }),
    ]);
    const workspace = await openLab(root);
    const all = await assetStates(workspace);
    expect(all.get(NUMBERS)).toMatchObject({ statuses: ['fresh'], failure: null });
    expect(all.get(TOTAL)).toMatchObject({
      statuses: ['failed'],
      failure: { runId: 'bad', at: '1970-01-01T00:00:03.002Z', error: ERROR },
    });
    expect(all.get(DAYS)).toMatchObject({ statuses: ['failed', 'stale'], counts: { failed: 1, missing: 1 } });
    expect([...(await failedPartitions(workspace, [DAYS, TOTAL]))]).toEqual([`${DAYS} 2026-03-03`]);
    expect([...(await failedPartitions(workspace, []))]).toEqual([]);
  });
});

describe('a selection', () => {
  const chosen = async (...given: string[]) => chooseAssets(await openLab(root), given);

  test('is all assets where nothing is named, deps first', async () => {
    const all = await chosen();
    expect([...all].sort()).toEqual([DAYS, NUMBERS, SIZED, TOTAL, REPORT, OTHER_TOTAL].sort());
    expect(all.indexOf(NUMBERS)).toBeLessThan(all.indexOf(TOTAL));
    expect(all.indexOf(OTHER_TOTAL)).toBeLessThan(all.indexOf(REPORT));
  });

  test.each([
    [['lab/total'], [TOTAL]],
    [['total'], [TOTAL, OTHER_TOTAL]],
    [
      ['report', 'numbers'],
      [NUMBERS, REPORT],
    ],
    // Each argument is whole, whatever binds more strongly.
    [
      ['tag:pii or days', 'group:reports and total'],
      [NUMBERS, DAYS, OTHER_TOTAL],
    ],
    [['status:failed'], [DAYS, TOTAL]],
    [['status:missing and group:reports'], [OTHER_TOTAL, REPORT]],
    [['not status:*'], []],
  ])('%j is %j', async (given, keys) => {
    expect((await chosen(...given)).sort()).toEqual([...keys].sort());
  });

  test.each([
    [['totl'], 'No asset matches totl (did you mean total?).'],
    [['total', 'zzzzzz'], 'No asset matches zzzzzz.'],
  ])('%j is refused', async (given, facts) => {
    await expect(chosen(...given)).rejects.toMatchObject({ code: 'SELECTION_INVALID', facts });
  });

  test('that does not parse is refused', async () => {
    await expect(chosen('total and')).rejects.toMatchObject({ code: 'SELECTION_INVALID' });
  });

  test('of one asset is its key, or a name that it alone has', async () => {
    const workspace = await openLab(root);
    expect(chooseOne(workspace, 'reports/total').key).toBe(OTHER_TOTAL);
    expect(chooseOne(workspace, 'report').key).toBe(REPORT);
    const refused = (word: string) => () => chooseOne(workspace, word);
    expect(refused('total')).toThrow(
      /total may be lab\/total, reports\/total\.|reports\/total, lab\/total\./,
    );
    expect(refused('nummbers')).toThrow('There is no asset nummbers (did you mean numbers?).');
    expect(refused('')).toThrow('There is no asset .');
    // Half a name is none.
    expect(refused('port')).toThrow(/There is no asset port/);
  });
});

describe('a plan', () => {
  const planned = async (
    keys: Parameters<typeof planOf>[1],
    flags: Partial<Parameters<typeof planOf>[2]> = {},
  ) =>
    (await planOf(await openLab(root), keys, { force: false, refresh: false, ...flags })).map(
      ({ key, partition, action }) => `${key}${partition === null ? '' : ` [${partition}]`} ${action}`,
    );

  test('is of the assets and of all that they need', async () => {
    expect(await planned([REPORT])).toEqual([
      `${NUMBERS} keep`,
      `${TOTAL} keep`,
      `${OTHER_TOTAL} run`,
      `${REPORT} run`,
    ]);
    expect(await planned([])).toEqual([]);
  });

  test('runs again what it is forced to, and what depends on that waits for it', async () => {
    expect(await planned([TOTAL], { force: true })).toEqual([`${NUMBERS} run`, `${TOTAL} run`]);
    expect(await planned([TOTAL], { refresh: true })).toEqual([`${NUMBERS} run`, `${TOTAL} undecided`]);
  });

  test('is of the partitions that flags ask for', async () => {
    expect(await planned([DAYS], { missing: true })).toEqual([
      `${DAYS} [2026-03-03] run`,
      `${DAYS} [2026-03-04] run`,
    ]);
    expect(await planned([DAYS], { failed: true })).toEqual([`${DAYS} [2026-03-03] run`]);
    expect(await planned([DAYS], { stale: true })).toEqual([]);
    expect(await planned([DAYS], { partition: '2026-03-01...2026-03-03', missing: true })).toEqual([
      `${DAYS} [2026-03-03] run`,
    ]);
    await expect(planned([TOTAL], { missing: true })).rejects.toMatchObject({ code: 'PARTITION_UNKNOWN' });
  });

  test('counts with the config of the run, and refuses one that does not fit', async () => {
    expect(await planned([SIZED], { config: ['lab/sized.size=2'] })).toEqual([`${SIZED} keep`]);
    expect(await planned([SIZED], { config: ['lab/sized.size=3'] })).toEqual([`${SIZED} run`]);
    await expect(planned([SIZED], { config: ['lab/sized.size=10'] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
    });
    await expect(planned([SIZED], { config: ['lab/sized.sise=1'] })).rejects.toThrow(/did you mean size\?/);
  });
});

describe('an explanation', () => {
  test('follows the reasons upstream', async () => {
    const link = await explain(await openLab(root), REPORT);
    expect(link).toMatchObject({
      key: REPORT,
      status: ['missing'],
      action: 'run',
      reasons: [{ kind: 'missing' }],
      materialized: null,
      upstream: [],
    });
  });

  test('says when what is there was made, and why, as far as the history knows', async () => {
    const unknown = await explain(await openLab(root), SIZED);
    expect(unknown.materialized).toMatchObject({
      at: '2026-03-05T11:00:00.000Z',
      runId: 'run-1',
      reasons: [],
    });
    await make({ root }, SIZED, '2', { runId: 'sized' });
    await remember(root, runOf({ runId: 'sized', at: 5000, key: SIZED }));
    const known = await explain(await openLab(root), SIZED);
    expect(known).toMatchObject({ status: ['fresh'], action: 'keep', reasons: [{ kind: 'unchanged' }] });
    expect(known.materialized).toMatchObject({ runId: 'sized', reasons: [{ kind: 'missing' }] });
  });

  test('names what changed upstream, and links to it', async () => {
    await make({ root }, NUMBERS, 'SELECT 1::BIGINT AS id, 6::BIGINT AS n');
    const link = await explain(await openLab(root), TOTAL);
    expect(link).toMatchObject({
      status: ['failed', 'stale'],
      failure: { runId: 'bad' },
      reasons: [{ kind: 'upstream-changed', key: NUMBERS }],
      upstream: [{ key: NUMBERS, status: ['fresh'], upstream: [], freshness: { kind: 'age' } }],
    });
  });

  test('counts the partitions', async () => {
    const link = await explain(await openLab(root), DAYS);
    expect(link.partitions).toEqual({ total: 4, fresh: 2, stale: 0, missing: 1, failed: 1 });
  });

  test('names the files that changed, with what git knows of them', async () => {
    lab.git('init');
    lab.git('add', 'packages');
    lab.git('commit', '-m', 'Add the lab');
    lab.edit('packages/lab/src/index.ts', (text) => `${text}// changed\n`);
    const link = await explain(await openLab(root), SIZED);
    expect(link.files).toMatchObject([
      { path: 'packages/lab/src/index.ts', isUncommitted: true, commit: { subject: 'Add the lab' } },
    ]);
  });
});
