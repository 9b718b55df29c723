import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AssetError } from '@nx-assets/core';
import type { LogEvent } from '@nx-assets/event-log';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Workspace } from '@nx-assets/workspace/workspace';
import { planRequest } from './start-run.ts';
import { assetStatuses } from './status-view.ts';
import { Lab } from './test-support.ts';
import type { AssetStatus, RunRequest } from '../wire/index.ts';

const HEAD = `
import { asset, daily, job } from '@nx-assets/core';
import { z } from 'zod';
const number = (description) => ({ description, value: z.int(), materialize: () => 1 });
`;
const LAB = `${HEAD}
export const one = asset(number('Made.'));
export const two = asset(number('Not made.'));
export const both = asset(number('Of the same name as one of the shop.'));
export const days = asset({
  ...number('A number for each of three days.'),
  partitions: daily({ start: '2026-03-01', end: '2026-03-04', timeZone: 'UTC' }),
});
export const nightly = job({ description: 'Every night.', select: one });
`;
const SHOP = `${HEAD}
export const both = asset(number('Of the same name as one of the lab.'));
export const sales = asset(number('Sold.'));
`;

const NOW = Date.UTC(2026, 2, 9, 8, 7, 6, 500);

let lab: Lab;
let workspace: Workspace;
let statuses: Readonly<Record<string, AssetStatus>>;
beforeAll(async () => {
  lab = new Lab(LAB, {}, { shop: SHOP });
  await lab.run('made', ['one']);
  const ran = (runId: string, ...command: readonly string[]): LogEvent => ({
    ...{ type: 'run-started', at: 1, runId, command, requested: [], pid: 1, host: 'elsewhere' },
  });
  await lab.history((history) =>
    history.append([
      ran('odd', 'run', 'lab:days', "--partition=it's", '--config=lab/days.n=$(rm)', ''),
      ran('job', 'run', 'lab:nightly', '--parallel=2'),
      ran('affected', 'affected', '-t', 'materialize'),
      ran('serve', 'serve', 'lab'),
      ran('nothing'),
    ]),
  );
  lab.context.now = () => new Date(NOW);
  workspace = await lab.open();
  statuses = await assetStatuses(workspace);
}, 120_000);
afterAll(() => lab.dispose());

const plan = (request: Partial<RunRequest>, of = statuses) =>
  lab.history((history) => planRequest(workspace, of, { assets: [], ...request }, history));
const commands = async (request: Partial<RunRequest>, of = statuses) =>
  (await plan(request, of)).started.commands;
const facts = (text: string) =>
  expect.toSatisfy((error) => error instanceof AssetError && error.facts === text) as Error;

describe('which commands', () => {
  test('for one asset, a group and all', async () => {
    expect(await commands({ assets: ['lab/two'] })).toEqual(['npx nx run lab:two']);
    expect(await commands({ assets: ['shop/sales', 'shop/both'] })).toEqual([
      'npx nx run-many -t materialize -p shop',
    ]);
    expect(await commands({ assets: 'all' })).toEqual(['npx nx run-many -t materialize']);
  });

  test('one, where names stand for nothing else', async () => {
    const [command, ...others] = await commands({ assets: ['lab/two', 'shop/sales'] });
    expect(others).toEqual([]);
    expect(command).toMatch(/^npx nx run-many -t (two,sales|sales,two) -p (lab,shop|shop,lab)$/);
  });

  test('several, where one would run what was not asked for', async () => {
    const { planned, started } = await plan({ assets: ['lab/both', 'shop/sales'] });
    expect([...started.commands].sort()).toEqual([
      'npx nx run-many -t both -p lab',
      'npx nx run-many -t sales -p shop',
    ]);
    // Ids sort by the order in which the runs begin.
    const ids = planned.map(({ runId }) => runId);
    expect(ids).toEqual([`20260309T080706500-${process.pid}`, `20260309T080706501-${process.pid}`]);
    expect(started).toMatchObject({ runs: ids, isUpToDate: false });
    expect(planned.map(({ args }) => ['npx', 'nx', ...args].join(' '))).toEqual(started.commands);
  });

  test('for what is stale: all that is not up to date, as pages see it', async () => {
    expect(statuses['lab/one']?.statuses).toEqual(['fresh']);
    const some = { ...statuses, 'lab/days': statuses['lab/one'] as AssetStatus };
    const [ofLab = '', ofShop, ...others] = await commands({ assets: 'stale' }, some);
    expect(others).toEqual([]);
    expect([ofLab, ofShop].join('\n')).not.toMatch(/days|one/);
    const [all] = await commands({ assets: 'stale' }, {});
    expect(all).toBe('npx nx run-many -t materialize');
  });
});

describe('with which flags', () => {
  test('to compute and to ask for everything again', async () => {
    expect(await commands({ assets: ['lab/one'], force: true })).toEqual([
      'npx nx run lab:one --skip-nx-cache',
    ]);
    expect(await commands({ assets: ['lab/two'], refresh: true })).toEqual(['npx nx run lab:two --refresh']);
  });

  test('for partitions, and only where there are some', async () => {
    expect(await commands({ assets: ['lab/days'], partition: '2026-03-01...2026-03-02' })).toEqual([
      'npx nx run lab:days --partition=2026-03-01...2026-03-02',
    ]);
    const several = await commands({ assets: ['lab/days', 'lab/both', 'shop/sales'], only: 'missing' });
    expect([...several].sort()).toEqual([
      expect.stringMatching(/^npx nx run-many -t (both,days|days,both) -p lab --missing$/),
      'npx nx run-many -t sales -p shop',
    ]);
  });

  test('for more partitions than an argument can hold', async () => {
    const partition = Array.from({ length: 1_000 }, (_, at) => `2026-03-0${1 + (at % 3)}`).join(',');
    const [command = ''] = await commands({ assets: ['lab/days'], partition });
    const [, path = ''] = /--partition=@(\S+)$/.exec(command) ?? [];
    expect(readFileSync(join(workspace.root, path), 'utf8').trim().replaceAll('\n', ',')).toBe(partition);
  });

  test('not for partitions that are none', async () => {
    const asked = commands({ assets: ['lab/two'], partition: '2026-03-01' });
    await expect(asked).rejects.toThrow(facts('lab/two has no partitions.'));
    await expect(commands({ assets: ['lab/days'], partition: '2025-01-01' })).rejects.toMatchObject({
      code: 'PARTITION_UNKNOWN',
    });
  });
});

describe('nothing is to do', () => {
  const upToDate = { planned: [], started: { runs: [], commands: [], isUpToDate: true } };

  test('where all is up to date, and where nothing is asked for', async () => {
    expect(await plan({ assets: ['lab/one'] })).toEqual(upToDate);
    expect(await plan({ assets: [] })).toEqual(upToDate);
    expect(await plan({ assets: ['lab/days'], only: 'failed' })).toEqual(upToDate);
    const fresh = statuses['lab/one'] as AssetStatus;
    const all = Object.fromEntries(Object.keys(statuses).map((key) => [key, fresh]));
    expect(await plan({ assets: 'stale' }, all)).toEqual(upToDate);
  });

  test('but after a failure: a run takes that back', async () => {
    const failed: AssetStatus = { ...(statuses['lab/one'] as AssetStatus), statuses: ['failed'] };
    expect(await commands({ assets: ['lab/one'] }, { ...statuses, 'lab/one': failed })).toEqual([
      'npx nx run lab:one',
    ]);
  });
});

describe('an earlier run again', () => {
  test('is what was typed, as it can be pasted into a shell', async () => {
    expect(await commands({ again: 'odd' })).toEqual([
      `npx nx run lab:days '--partition=it'\\''s' '--config=lab/days.n=$(rm)' ''`,
    ]);
    expect(await commands({ again: 'affected', assets: ['lab/one'] })).toEqual([
      'npx nx affected -t materialize',
    ]);
  });

  test('is not what has made nothing', async () => {
    for (const [id, command] of [
      ['serve', 'nx serve'],
      ['nothing', 'nx '],
    ] as const) {
      const asked = commands({ again: id });
      await expect(asked).rejects.toThrow(facts(`There is no run that begins with "${command}".`));
    }
  });
});

test('only the runs of jobs are those of jobs', async () => {
  const isJob = async (request: Partial<RunRequest>) => (await plan(request)).planned.map((one) => one.isJob);
  expect(await isJob({ job: 'lab/nightly' })).toEqual([true]);
  expect(await isJob({ again: 'job' })).toEqual([true]);
  expect(await isJob({ again: 'odd' })).toEqual([false]);
  expect(await isJob({ again: 'affected' })).toEqual([false]);
  expect(await isJob({ assets: ['lab/two'] })).toEqual([false]);
});
