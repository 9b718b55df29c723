import { spawn } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestWorkspace } from '@nx-assets/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const DAYS = Array.from({ length: 10 }, (_, day) => `2026-03-${String(day + 1).padStart(2, '0')}`);

const RAW = `
import { readFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { asset, daily } from '@nx-assets/core';
import { z } from 'zod';
export const span = { start: '2026-03-01', end: '2026-03-11', timeZone: 'Europe/Berlin' };
export const days = daily(span);
export const Row = z.object({ day: z.string(), n: z.int() });
export const raw = asset({
  description: 'A number for each day.', partitions: days, schema: Row,
  materialize: (_inputs, { partition, root }) => {
    const data = JSON.parse(readFileSync(join(root, 'data.json'), 'utf8'));
    const n = data[partition.key] ?? 1;
    if (n === 'broken') throw new Error('no number for ' + partition.key);
    return [{ day: partition.key, n }];
  },
});
`;

/** A source whose numbers are in a file that nobody declares, so that a test changes them behind everybody's back. */
const LAB = `
import { asset, sql, trailing, weekly } from '@nx-assets/core';
import { z } from 'zod';
import { days, raw, Row, span } from './raw.ts';
export { raw };
export const doubled = asset({
  description: 'Twice that.', partitions: days, deps: { raw }, schema: Row,
  materialize: ({ raw }) => sql\`SELECT day, n * 2 AS n FROM \${raw}\`,
});
export const week = asset({
  description: 'A number for each week.', partitions: weekly(span), deps: { raw }, schema: z.object({ week: z.string(), n: z.int() }),
  materialize: ({ raw }, { partition }) => sql\`SELECT \${partition.key} AS week, CAST(sum(n) AS BIGINT) AS n FROM \${raw}\`,
});
export const trend = asset({
  description: 'Three days.', partitions: days, deps: { three: trailing(raw, 3) }, schema: Row,
  materialize: ({ three }, { partition }) => sql\`SELECT \${partition.key} AS day, CAST(sum(n) AS BIGINT) AS n FROM \${three}\`,
});
export const note = asset({
  description: 'A word for each day.', partitions: days, deps: { raw }, value: z.object({ even: z.boolean() }),
  materialize: async ({ raw }) => ({ even: ((await raw.rows())[0]?.n ?? 0) % 2 === 0 }),
});
export const total = asset({
  description: 'Of all days.', deps: { raw, note }, value: z.object({ n: z.int(), even: z.array(z.string()) }),
  materialize: async ({ raw, note }) => ({
    n: (await raw.rows()).reduce((sum, row) => sum + row.n, 0),
    even: [...note].filter(([, { even }]) => even).map(([day]) => day),
  }),
});
`;
const lab = (source = LAB, raw = RAW): TestWorkspace =>
  new TestWorkspace({
    'data.json': '{}',
    'packages/lab/package.json': JSON.stringify({ name: 'lab', 'nx-assets': {}, type: 'module' }),
    'packages/lab/src/index.ts': source,
    'packages/lab/src/raw.ts': raw,
  });

/** How many partitions of each asset were made. */
const made = ({ assets }: Awaited<ReturnType<TestWorkspace['materialize']>>) =>
  Object.fromEntries(
    assets.flatMap(({ key, status, partitions }) => {
      const count = partitions ? (partitions.counts.materialized ?? 0) : status === 'materialized' ? 1 : 0;
      return count > 0 ? [[key.replace('lab/', ''), count] as const] : [];
    }),
  );

/** What changes whenever a file is made again. */
const stamps = (workspace: TestWorkspace, folder: string) =>
  new Map(
    readdirSync(join(workspace.root, folder)).map((name) => {
      const { ino, ctimeMs } = statSync(join(workspace.root, folder, name));
      return [name, `${ino} ${ctimeMs}`];
    }),
  );

describe('an asset with partitions', () => {
  let workspace: TestWorkspace;
  beforeEach(() => (workspace = lab()));
  afterEach(() => workspace.dispose());

  const numbers = (asset: string, partition: string) =>
    workspace
      .command(['preview', asset, '--partition', partition, '--json'])
      .then(({ stdout }) => (JSON.parse(stdout) as { rows: { n: number }[] }).rows.map(({ n }) => n));

  test('is made part by part, and of a changed part only what maps to it runs again', async () => {
    const first = await workspace.materialize();
    expect(made(first)).toEqual({ raw: 10, doubled: 10, week: 1, trend: 10, note: 10, total: 1 });
    expect(readdirSync(join(workspace.root, 'output/lab/week'))).toEqual([
      '2026-03-02.parquet',
      '2026-03-02.record.json',
    ]);
    expect(made(await workspace.materialize())).toEqual({});
    const cached = await workspace.materialize();
    expect(cached.assets.every(({ status }) => status === 'up-to-date')).toBe(true);

    workspace.write({ 'data.json': '{ "2026-03-05": 4 }' });
    const before = stamps(workspace, 'output/lab/doubled');
    const one = await workspace.materialize(['run', 'lab:raw', '--partition=2026-03-05', '--skip-nx-cache']);
    expect(made(one)).toEqual({ raw: 1 });
    const plan = await workspace.command(['plan', '--json']);
    const { steps } = JSON.parse(plan.stdout) as {
      steps: { key: string; partition: string; action: string }[];
    };
    const planned = steps
      .filter(({ action }) => action !== 'keep')
      .map(({ key, partition }) => `${key} ${partition}`);
    const after = await workspace.materialize();
    expect(made(after)).toEqual({ doubled: 1, week: 1, trend: 3, note: 1, total: 1 });
    expect(planned.sort()).toEqual([
      'lab/doubled 2026-03-05',
      'lab/note 2026-03-05',
      'lab/total null',
      ...['05', '06', '07'].map((day) => `lab/trend 2026-03-${day}`),
      'lab/week 2026-03-02',
    ]);
    expect(after.assets.find(({ key }) => key === 'lab/week')?.reasons).toMatchObject([
      { kind: 'upstream-changed', key: 'lab/raw', partitions: ['2026-03-05'] },
    ]);
    expect(await numbers('trend', '2026-03-07')).toEqual([6]);
    expect(JSON.parse(workspace.read('output/lab/total.json'))).toEqual({ n: 13, even: ['2026-03-05'] });
    const now = stamps(workspace, 'output/lab/doubled');
    expect([...now].filter(([name, stamp]) => before.get(name) !== stamp).map(([name]) => name)).toEqual([
      '2026-03-05.parquet',
      '2026-03-05.record.json',
    ]);
  });

  test('does not run everything for a flag that was written wrong', async () => {
    const { code, output } = await workspace.nx(['run', 'lab:raw', '--partitions=2026-03-05']);
    expect(code, output).toBe(1);
    expect(output).toMatch(/COMMAND_INVALID: There is no flag --partitions\.\s+Do you mean --partition\?/);
    expect(workspace.exists('output/lab/raw')).toBe(false);
    const listed = await workspace.command(['partitions', 'raw', '--status', 'faild']);
    expect([listed.code, listed.output]).toEqual([2, expect.stringContaining('COMMAND_INVALID')]);
  });

  test('finds one that is asked for by another name than its own up to date, each time', async () => {
    for (const name of ['latest', '2026-03-10...', 'latest']) {
      for (let time = 0; time < 3; time++) {
        const { code, output } = await workspace.nx(['run', 'lab:raw', `--partition=${name}`]);
        expect(code, `${name}, ${time}: ${output}`).toBe(0);
      }
    }
  });

  test('stops a run where a part comes out as before', async () => {
    await workspace.materialize();
    workspace.write({ 'data.json': '{ "2026-03-05": 3 }' });
    await workspace.materialize(['run', 'lab:raw', '--partition=2026-03-05', '--skip-nx-cache']);
    // Three is odd as one was: what the word goes into does not run for it.
    const after = await workspace.materialize();
    expect(made(after)).toEqual({ doubled: 1, week: 1, trend: 3, note: 1, total: 1 });
    expect(after.assets.find(({ key }) => key === 'lab/note')).toMatchObject({ changed: false });
    workspace.edit('packages/lab/src/index.ts', (text) => text.replace('n * 2 AS n', '2 * n AS n'));
    const edited = await workspace.materialize();
    expect(made(edited).doubled).toBe(10);
  });

  test('is restored part by part, and no other file is touched', async () => {
    await workspace.materialize(['run', 'lab:raw']);
    const one = ['run', 'lab:raw', '--partition=2026-03-05'];
    await workspace.materialize(one);
    const before = stamps(workspace, 'output/lab/raw');
    const bytes = workspace.read('output/lab/raw/2026-03-05.parquet');
    workspace.remove('output/lab/raw/2026-03-05.parquet').remove('output/lab/raw/2026-03-05.record.json');
    const restored = await workspace.materialize(one);
    expect(restored.assets).toMatchObject([{ key: 'lab/raw', status: 'up-to-date', rowCount: 1 }]);
    expect(workspace.read('output/lab/raw/2026-03-05.parquet')).toBe(bytes);
    const after = stamps(workspace, 'output/lab/raw');
    const same = [...after].filter(([name, stamp]) => before.get(name) === stamp);
    expect(same).toHaveLength(18);
    // Removed and edited behind everybody's back: seen without being told.
    workspace.remove('output/lab/raw/2026-03-02.parquet').write({ 'output/lab/raw/2026-03-03.parquet': 'x' });
    expect(made(await workspace.materialize(['run', 'lab:raw']))).toEqual({ raw: 2 });
  });

  test('is asked for by keys, ranges and lists, and by how its parts stand', async () => {
    const ask = async (...flags: string[]) =>
      made(await workspace.materialize(['run', 'lab:doubled', ...flags]));
    expect(await ask('--partition=2026-03-01...2026-03-03')).toEqual({ raw: 3, doubled: 3 });
    expect(await ask('--partition=2026-03-03,latest')).toEqual({ raw: 1, doubled: 1 });
    expect(await ask('--partition=...2026-03-04', '--missing')).toEqual({ raw: 1, doubled: 1 });
    workspace.edit('packages/lab/src/index.ts', (text) => text.replace('n * 2 AS n', 'n * 3 AS n'));
    expect(await ask('--stale', '--partition=2026-03-02')).toEqual({ doubled: 1 });
    expect(await ask('--stale')).toEqual({ doubled: 4 });
    expect(await ask('--partition=2026-03-09...', '--batch=false')).toEqual({ raw: 1, doubled: 1 });
    expect(await ask()).toEqual({ raw: 4, doubled: 4 });
    const weeks = made(await workspace.materialize(['run', 'lab:week', '--partition=2026-03-02']));
    expect(weeks).toEqual({ week: 1 });

    const unknown = await workspace.nx(['run', 'lab:raw', '--partition=2026-04-01']);
    expect(unknown.code).toBe(1);
    expect(unknown.output).toContain('PARTITION_UNKNOWN: lab/raw has no partition "2026-04-01".');
    expect(unknown.output).toContain('The nearest: 2026-03-08, 2026-03-09, 2026-03-10. There are 10');
    expect((await workspace.nx(['run', 'lab:raw', '--partition=2026-3-4'])).output).toContain(
      'The nearest: 2026-03-04.',
    );
    const backwards = await workspace.command(['plan', 'raw', '--partition', '2026-03-04...2026-03-01']);
    expect(backwards.code).toBe(2);
    expect(backwards.stderr).toContain('ends before it begins');
  });

  test('is run beside others without any, and these alone refuse the flags that would be without effect', async () => {
    const lone = `
import { asset } from '@nx-assets/core';
import { z } from 'zod';
export const lone = asset({ description: 'One.', value: z.int(), materialize: () => 1 });
export const raw = asset({ description: 'Not asked for.', value: z.int(), materialize: () => 1 });
`;
    workspace.group('other', { 'index.ts': lone });
    for (const flag of ['--partition=2026-03-01', '--missing']) {
      const { code, output } = await workspace.nx(['run', 'other:lone', flag]);
      expect({ code, refused: output.includes('PARTITION_UNKNOWN: other/lone has no partitions.') }).toEqual({
        code: 1,
        refused: true,
      });
    }
    // Two commands of nx: a raw is in both groups.
    const both = ['materialize', 'lab/raw', 'other/lone', '--partition', '2026-03-01'];
    const { code, output } = await workspace.command(both);
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(workspace.exists('output/other/lone.json')).toBe(true);
    expect(readdirSync(join(workspace.root, 'output/lab/raw'))).toHaveLength(2);
  });

  test('fails part by part: what is made of others goes on, and the failed are asked for by name', async () => {
    workspace.write({ 'data.json': '{ "2026-03-04": "broken", "2026-03-10": "broken" }' });
    const result = await workspace.materialize();
    expect(result.code).toBe(1);
    const counts = Object.fromEntries(
      result.assets.map(({ key, status, partitions }) => [
        key.replace('lab/', ''),
        partitions?.counts ?? status,
      ]),
    );
    expect(counts).toEqual({
      raw: { materialized: 8, failed: 2 },
      doubled: { materialized: 8, blocked: 2 },
      week: { blocked: 1 },
      trend: { materialized: 6, blocked: 4 },
      note: { materialized: 8, blocked: 2 },
      total: 'blocked',
    });
    expect(result.stderr).toContain('no number for 2026-03-04');
    const listed = await workspace.command(['partitions', 'raw', '--status', 'failed']);
    expect(listed.stdout).toMatch(/✖ 2026-03-04 +failed/);
    expect(listed.stdout).toContain('lab/raw: 2 failed of 10');
    const status = await workspace.command(['status', 'raw']);
    expect(status.stdout).toMatch(/lab\/raw +failed, stale +2 failed of 10/);

    workspace.write({ 'data.json': '{}' });
    expect(made(await workspace.materialize(['run', 'lab:raw', '--failed']))).toEqual({ raw: 2 });
    // What is taken back, before it was made, leaves no failure behind.
    const source = workspace.read('packages/lab/src/raw.ts');
    workspace.edit('packages/lab/src/raw.ts', (text) =>
      text.replace(
        'const n = data',
        "if (partition.key === '2026-03-04') throw new Error('no');\n    const n = data",
      ),
    );
    expect((await workspace.materialize(['run', 'lab:raw', '--partition=2026-03-04'])).code).toBe(1);
    workspace.write({ 'packages/lab/src/raw.ts': source });
    expect((await workspace.command(['status', 'raw'])).stdout).toMatch(/lab\/raw +fresh/);
    expect(made(await workspace.materialize())).toEqual({ doubled: 2, week: 1, trend: 4, note: 2, total: 1 });
  });

  test('is made by two runs at once, each part once', async () => {
    workspace.edit('packages/lab/src/raw.ts', (text) =>
      text.replace(
        'const data = JSON',
        'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);\n    const data = JSON',
      ),
    );
    const both = await Promise.all([workspace.materialize(), workspace.materialize()]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const sums = both.map(made);
    for (const [asset, count] of Object.entries({
      raw: 10,
      doubled: 10,
      week: 1,
      trend: 10,
      note: 10,
      total: 1,
    }))
      expect([asset, (sums[0]?.[asset] ?? 0) + (sums[1]?.[asset] ?? 0)]).toEqual([asset, count]);
  });
});

describe('a backfill', () => {
  const slow = RAW.replace(
    'const n = data',
    'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);\n    const n = data',
  );

  test('goes on where it was killed, and does nothing twice', async () => {
    using workspace = lab(LAB, slow);
    const child = spawn(process.execPath, [workspace.commandPath, 'backfill', 'raw', '--parallel', '1'], {
      cwd: workspace.root,
      detached: true,
      stdio: 'ignore',
      env: { ...process.env, NX_ISOLATE_PLUGINS: 'false' },
    });
    const records = () =>
      workspace.exists('output/lab/raw')
        ? readdirSync(join(workspace.root, 'output/lab/raw')).filter((name) => name.endsWith('.record.json'))
            .length
        : 0;
    while (records() < 3) await sleep(20);
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    await sleep(200);
    const done = records();
    expect(done).toBeLessThan(10);
    const listed = await workspace.command(['backfill', '--list']);
    expect(listed.stdout).toMatch(new RegExp(`lab/raw +${10 - done} +10`));
    const { backfills } = JSON.parse((await workspace.command(['backfill', '--list', '--json'])).stdout) as {
      backfills: object[];
    };
    expect(backfills).toMatchObject([{ left: 10 - done, parallel: 1 }]);
    const resumed = await workspace.command(['backfill', '--resume']);
    expect(resumed.code).toBe(0);
    expect(resumed.stdout).toContain(`${10 - done} of 10 partitions to run (2026-03-01 to 2026-03-10)`);
    expect(resumed.stdout).toContain(`${10 - done} of 10 partitions: not materialized yet`);
    expect(records()).toBe(10);
    expect((await workspace.command(['backfill', '--list'])).stdout).toContain(
      'There are no unfinished backfills.',
    );
  });

  test('says how far it has come, tries again what failed, and computes again what it is told to', async () => {
    using workspace = lab(
      LAB,
      slow.replace('const data', 'const data: Record<string, number> = {}; const before'),
    );
    const result = await workspace.command(['backfill', 'raw', '--parallel', '1']);
    expect(result.output).toMatch(/lab\/raw \d+ of 10 partitions, about [\d.]+ m?s left/);
    const forced = await workspace.command([
      'backfill',
      'raw',
      '--partition',
      '2026-03-02...2026-03-03',
      '--force',
    ]);
    expect(forced.stdout).toMatch(/2 of 2 partitions to run \(2026-03-02 to 2026-03-03\); about/);
    expect(forced.stdout).toContain('2 of 2 partitions: forced, same data');
    // Also once Nx has in its cache that all of it is up to date.
    await workspace.nx(['run', 'lab:raw']);
    const again = await workspace.command(['backfill', 'raw', '--force']);
    expect(again.stdout).toContain('10 of 10 partitions: forced, same data');
    const one = await workspace.command(['backfill', 'raw', '--partition', '2026-03-02', '--force']);
    expect(one.stdout).toContain('1 of 1 partition: forced, same data');

    // The first call for a day fails, the next does not.
    workspace.edit('packages/lab/src/raw.ts', (text) =>
      text
        .replace(
          'const n = data',
          "const n = existsSync(join(root, partition.key)) ? 7 : 'broken' as never;\n    void data; void writeFileSync(join(root, partition.key), '');\n    const unused = data",
        )
        .replace('readFileSync, existsSync', 'readFileSync, existsSync, writeFileSync'),
    );
    const retried = await workspace.command(['backfill', 'raw', '--partition', 'latest', '--retries', '2']);
    expect(retried.stdout).toContain('Retry 1 of 2: 1 partition is left.');
    expect(retried.code).toBe(0);
  });

  test('in a single run calls the function once for each stretch of days, and publishes each day by itself', async () => {
    const ranged = `
import { asset, daily, sql } from '@nx-assets/core';
import { z } from 'zod';
export const raw = asset({
  description: 'Hours by day.', kind: 'duckdb', partitions: daily({ start: '2026-03-01', end: '2026-03-11' }),
  backfill: 'single-run', partitionColumn: 'day', orderBy: ['at'],
  schema: z.object({ day: z.string(), at: z.string() }),
  materialize: (_inputs, { partition: { window, key, keys }, log }) => {
    log.info('made ' + key + ' with ' + keys.length);
    return sql\`SELECT strftime(hour, '%Y-%m-%d') AS day, strftime(hour, '%Y-%m-%dT%H') AS at
      FROM range(CAST(\${window.start.toISOString()} AS TIMESTAMP), CAST(\${window.end.toISOString()} AS TIMESTAMP), INTERVAL 1 HOUR) AS hours(hour)\`;
  },
});
`;
    using workspace = lab(ranged);
    const one = await workspace.nx(['run', 'lab:raw', '--partition=2026-03-04']);
    expect(one.output).toContain('made 2026-03-04 with 1');
    const bytes = workspace.read('output/lab/raw/2026-03-04.parquet');
    const rest = await workspace.nx(['run', 'lab:raw']);
    expect(rest.output).toContain('made 2026-03-01...2026-03-03 with 3');
    expect(rest.output).toContain('made 2026-03-05...2026-03-10 with 6');
    for (const day of DAYS) {
      const { partition, value } = JSON.parse(workspace.read(`output/lab/raw/${day}.record.json`)) as {
        partition: string;
        value: { rowCount: number };
      };
      expect([partition, value.rowCount]).toEqual([day, 24]);
    }
    // A day comes out the same by itself and as a part of many.
    workspace.remove('output/lab/raw');
    await workspace.nx(['run', 'lab:raw', '--skip-nx-cache']);
    expect(workspace.read('output/lab/raw/2026-03-04.parquet')).toBe(bytes);

    workspace.edit('packages/lab/src/index.ts', (text) =>
      text.replace("'%Y-%m-%d') AS day", "'%Y-%m') AS day"),
    );
    const wrong = await workspace.materialize(['run', 'lab:raw']);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('PARTITION_COLUMN: lab/raw gave rows of 2026-03 in day');
    expect(workspace.read('output/lab/raw/2026-03-04.parquet')).toBe(bytes);

    // Days before the one that does not pass its checks are there, and are said to be.
    workspace.edit('packages/lab/src/index.ts', (text) =>
      text
        .replace("'%Y-%m') AS day", "'%Y-%m-%d') AS day")
        .replace('daily, sql', 'daily, rowCount, sql')
        .replace("orderBy: ['at'],", "orderBy: ['at'], checks: [rowCount({ min: 1 })],")
        .replace(
          'AS hours(hour)',
          'AS hours(hour) WHERE hour::DATE <> DATE 2026-03-06'.replace('2026-03-06', "'2026-03-06'"),
        ),
    );
    const holed = await workspace.materialize(['run', 'lab:raw']);
    const [{ partitions } = { partitions: undefined }] = holed.assets as unknown as [
      { partitions: { counts: object; failed: { partition: string }[] } },
    ];
    expect(partitions?.counts).toEqual({ materialized: 5, failed: 5 });
    expect(partitions?.failed[0]?.partition).toBe('2026-03-06');
  });
});

test('in a single run, in a process of its own: all days come back, and the run ends', async () => {
  using workspace = lab(`
import { asset, daily } from '@nx-assets/core';
import { z } from 'zod';
export const raw = asset({
  description: 'A number by day.', isolated: true, partitions: daily({ start: '2026-03-01', end: '2026-03-05' }),
  backfill: 'single-run', partitionColumn: 'day', orderBy: ['day'],
  schema: z.object({ day: z.string(), pid: z.int() }),
  materialize: (_inputs, { partition }) => partition.keys.map((day) => ({ day, pid: process.pid })),
});
`);
  const { code, assets } = await workspace.materialize(['run', 'lab:raw']);
  expect(code).toBe(0);
  const [{ partitions } = { partitions: undefined }] = assets as unknown as [
    { partitions: { counts: object } },
  ];
  expect(partitions?.counts).toEqual({ materialized: 4 });
}, 60_000);

describe('what is left of backfills', () => {
  test('is listed though one of them cannot be read, and an id never leads elsewhere', async () => {
    using workspace = lab();
    const good = { id: 'good', key: 'lab/raw', partitions: ['2026-03-01'], force: false, createdAt: 'x' };
    workspace.write({
      '.nx/nx-assets/backfills/torn.json': '{',
      '.nx/nx-assets/backfills/good.json': JSON.stringify(good),
      'mine.json': JSON.stringify({ ...good, partitions: [] }),
    });
    const listed = await workspace.command(['backfill', '--list', '--json']);
    expect(JSON.parse(listed.stdout)).toMatchObject({ backfills: [good] });
    const elsewhere = await workspace.command(['backfill', '--resume', '../../../mine']);
    expect(elsewhere).toMatchObject({ code: 2 });
    expect(workspace.exists('mine.json')).toBe(true);
  });
});

describe('keys', () => {
  const SHOP = `
import { asset, customMapping, daily, dynamicPartitions, mapPartitions, staticPartitions, twoDimensions } from '@nx-assets/core';
import { z } from 'zod';
const customers = dynamicPartitions('customers');
const regions = staticPartitions(['eu', 'us']);
const days = daily({ start: '2026-03-01', end: '2026-03-04' });
const value = z.object({ made: z.array(z.string()) });
export const directory = asset({
  description: 'Finds customers.', value,
  materialize: async (_inputs, { partitionKeys }) => {
    await partitionKeys('customers').add('acme', 'São Paulo & co');
    return { made: [...partitionKeys('customers').list()] };
  },
});
export const profile = asset({
  description: 'Of a customer.', partitions: customers, deps: { directory }, value,
  materialize: (_inputs, { partition }) => ({ made: [partition.key] }),
});
export const sales = asset({
  description: 'By day and region.', partitions: twoDimensions({ day: days, region: regions }), file: 'sales/{partition}.txt',
  materialize: async (_inputs, { file, partition: { key, dimensions } }) => {
    const { writeFile } = await import('node:fs/promises');
    await writeFile(file, key + ' ' + dimensions.day.window.start.toISOString() + ' ' + dimensions.region.key);
  },
});
export const by_region = asset({
  description: 'All days of a region.', partitions: regions, deps: { sales }, value,
  materialize: ({ sales }) => ({ made: [...sales.keys()] }),
});
export const pairs = asset({
  description: 'Who with whom.', partitions: staticPartitions(['one', 'two']), value,
  deps: {
    some: mapPartitions(by_region, { one: 'eu', two: ['eu', 'us'] }),
    odd: customMapping(sales, { upstream: (key) => (key === 'one' ? ['2026-03-01/eu'] : ['2026-03-02/us', '2026-03-03/us']) }),
  },
  materialize: ({ some, odd }) => ({ made: [...some.keys(), ...odd.keys()] }),
});
`;
  const read = (workspace: TestWorkspace, path: string) =>
    (JSON.parse(workspace.read(`output/lab/${path}.json`)) as { made: string[] }).made;

  test('of lists, of two dimensions, and those that come and go while the workspace is in use', async () => {
    using workspace = lab(SHOP);
    const first = await workspace.materialize();
    expect(first.output).not.toContain('Error');
    expect(made(first)).toEqual({ directory: 1, sales: 6, by_region: 2, pairs: 2 });
    expect(workspace.read('output/sales/2026-03-02/eu.txt')).toBe(
      '2026-03-02/eu 2026-03-02T00:00:00.000Z eu',
    );
    expect(read(workspace, 'by_region/us')).toEqual(['2026-03-01/us', '2026-03-02/us', '2026-03-03/us']);
    expect(read(workspace, 'pairs/two')).toEqual(['eu', 'us', '2026-03-02/us', '2026-03-03/us']);
    // Those that the run has found are there for the next one.
    expect(made(await workspace.materialize())).toEqual({ profile: 2 });
    expect(read(workspace, 'profile/S%C3%A3o%20Paulo%20%26%20co')).toEqual(['São Paulo & co']);
    const added = await workspace.command(['partitions', 'profile', '--add', 'zeta', '007']);
    expect(added.stdout).toBe('customers: 2 added, 0 removed, 4 keys\n');
    expect(made(await workspace.materialize(['run', 'lab:profile', '--partition=007']))).toEqual({
      profile: 1,
    });
    expect(made(await workspace.materialize())).toEqual({ profile: 1 });
    await workspace.command(['partitions', 'profile', '--remove', 'acme']);
    expect((await workspace.command(['partitions', 'profile'])).stdout).toContain(
      'lab/profile: 3 partitions',
    );
    const beyond = await workspace.command(['partitions', 'profile', '--page', '2']);
    expect(beyond.stderr).toContain('There is no page 2.');
    const left = await workspace.command(['prune', '--dry-run']);
    expect(left.stdout).toContain('output/lab/profile/acme.json');
    expect(left.stdout).not.toContain('zeta');

    const chosen = await workspace.command([
      'plan',
      'sales',
      '--force',
      '--partition',
      '2026-03-02.../us',
      '--json',
    ]);
    const { steps } = JSON.parse(chosen.stdout) as { steps: { partition: string }[] };
    expect(steps.map(({ partition }) => partition)).toEqual(['2026-03-02/us', '2026-03-03/us']);
    const wrong = await workspace.command(['partitions', 'profile', '--add', 'a/b']);
    expect(wrong.stderr).toContain('PARTITION_KEY_INVALID: "a/b" has a slash');
    const twin = await workspace.command(['partitions', 'profile', '--add', 'Zeta']);
    expect(twin.stderr).toContain('and "zeta" differ only in case');
    expect((await workspace.command(['partitions', 'sales', '--add', 'x'])).stderr).toContain(
      'fixed in its definition',
    );
  });

  test('that a step adds are there when it ends, also where its function does not wait for them', async () => {
    using workspace = lab(`
import { asset } from '@nx-assets/core';
import { z } from 'zod';
const adding = (...keys: string[]) =>
  asset({
    description: 'Adds keys.',
    value: z.int(),
    materialize: (_inputs, { partitionKeys }) => {
      for (const key of keys) void partitionKeys('customers').add(key);
      return keys.length;
    },
  });
export const two = adding('acme', 'zeta');
export const wrong = adding('fine', 'a/b');
`);
    const { code, assets } = await workspace.materialize();
    expect(code).toBe(1);
    expect(assets.map(({ key, status }) => `${key} ${status}`).sort()).toEqual([
      'lab/two materialized',
      'lab/wrong failed',
    ]);
    const { keys } = JSON.parse(workspace.read('output/.partitions/customers.json')) as { keys: string[] };
    expect(keys.sort()).toEqual(['acme', 'fine', 'zeta']);
    expect(workspace.exists('output/lab/wrong.json')).toBe(false);
  });

  test('that have nothing in common need a mapping, and a definition says so', async () => {
    using workspace = lab(
      SHOP.replace('mapPartitions(by_region, { one:', 'by_region, mapped: mapPartitions(by_region, { one:')
        .replace('some: ', 'plain: ')
        .replace('[...some.keys(), ', '[')
        .replace('({ some, odd })', '({ odd })'),
    );
    const { output } = await workspace.nx(['show', 'projects']);
    expect(output).toContain('PARTITION_MAPPING_MISSING: lab/pairs and lab/by_region');
  });
});

const PRICED = `
import { asset, daily, hourly, existingPartitions } from '@nx-assets/core';
import { z } from 'zod';
const hourly_span = hourly({ start: '2026-03-01', end: '2026-03-03T03:00' });
const value = z.object({ n: z.int() });
const one = () => ({ n: 1 });
export const hours = asset({ description: 'h', partitions: hourly_span, value, materialize: one });
export const days = asset({ description: 'd', partitions: daily({ start: '2026-03-01', end: '2026-03-03' }), value, materialize: one });
export const priced = asset({ description: 'p', partitions: hourly_span, deps: { hours, days }, value, materialize: one });
export const lenient = asset({
  description: 'l', partitions: hourly_span, deps: { hours, days: existingPartitions(days) }, value, materialize: one,
});
`;

test('a partition that is needed and does not exist is an error that names it, in a run and in its plan', async () => {
  using workspace = lab(PRICED, '');
  const run = await workspace.nx(['run', 'lab:priced', '--partition=latest']);
  expect(run.code).toBe(1);
  expect(run.output).toContain(
    'PARTITION_MISSING: lab/priced [2026-03-03T02] needs lab/days [2026-03-03], which does not exist.',
  );
  expect(workspace.exists('output/lab/priced')).toBe(false);
  const plan = await workspace.command(['plan', 'priced']);
  expect(plan.output).toMatch(
    /priced \[3: 2026-03-03T00 … 2026-03-03T02\] +cannot run +needs lab\/days \[2026-03-03\]/,
  );
  expect((await workspace.nx(['run', 'lab:priced', '--partition=2026-03-02T23'])).code).toBe(0);
  expect((await workspace.nx(['run', 'lab:lenient', '--partition=latest'])).code).toBe(0);
});

test('conditions ask for more partitions than an argument can hold', async () => {
  using workspace = lab(
    `
import { asset, staticPartitions } from '@nx-assets/core';
import { onMissing } from '@nx-assets/core/automation';
import { z } from 'zod';
const keys = Array.from({ length: 1_400 }, (_, at) => String(at).padStart(98, 'k'));
export const many = asset({
  description: 'm', partitions: staticPartitions(keys), automation: onMissing(), value: z.object({ n: z.int() }),
  materialize: () => ({ n: 1 }),
});
`,
    '',
  );
  const tick = await workspace.command(['automation', 'tick']);
  expect(tick.code, tick.output).toBe(0);
  const isValue = (name: string) => name.endsWith('.json') && !name.endsWith('.record.json');
  const values = readdirSync(join(workspace.root, 'output/lab/many')).filter(isValue);
  expect(values).toHaveLength(1_400);
});
