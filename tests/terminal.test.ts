import { processContext } from '@nx-assets/workspace/run-context';
import { type NxResult, TestWorkspace } from '@nx-assets/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandNames } from '../tools/nx-assets/src/cli/main.ts';

/** All that a terminal would act on: a title, a cleared screen, the clipboard, a link, an overwritten line, bidi. */
const HOSTILE =
  'H\u001b]0;owned\u0007\u001b[2J\u001b]52;c;cm0=\u0007\u001b]8;;https://evil.test\u001b\\x\u001b[31m\r\b\u007f\u009b2J\u202e\u2066!';
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const SOURCE = `
import { asset, daily, dynamicPartitions, job, op } from '@nx-assets/core';
import { eager, schedule, sensor } from '@nx-assets/core/automation';
import { z } from 'zod';
const H = ${JSON.stringify(HOSTILE)};
const Row = z.object({ id: z.int(), [H]: z.string() });
const check = { name: 'never', description: 'Never. ' + H, severity: 'warn', passes: () => false };
export const good = asset({
  description: 'Good. ' + H, kind: 'api', tags: [H], schema: Row, automation: eager(), checks: [check],
  materialize: (_inputs, { log, metadata }) => {
    log.info('info ' + H); log.warn('warn ' + H); metadata({ [H]: H });
    console.log('console ' + H); console.error('console ' + H);
    return [{ id: 1, [H]: H }];
  },
});
export const text = asset({
  description: 'A text. ' + H, value: z.object({ text: z.string() }), materialize: () => ({ text: H }),
});
export const bad = asset({
  description: 'Bad. ' + H, deps: { good }, schema: Row, retry: { attempts: 2, backoff: '0.01s' },
  materialize: () => { const error = new Error('failed ' + H); error.stack += '\\n    at ' + H; throw error; },
});
export const alone = asset({
  description: 'In its own process. ' + H, isolated: true, schema: Row,
  materialize: () => { process.stderr.write(H); process.kill(process.pid, 'SIGKILL'); return []; },
});
export const days = asset({
  description: 'Days. ' + H, schema: z.object({ day: z.string() }),
  partitions: daily({ start: '2026-03-01', end: '2026-03-03', timeZone: 'UTC' }),
  materialize: (_inputs, { partition }) => [{ day: partition.key + H }],
});
export const orders = asset({
  description: 'Orders. ' + H, partitions: dynamicPartitions('customers'), value: z.string(), materialize: () => H,
});
const look = op({ name: 'look', description: 'Looks. ' + H, run: () => { throw new Error(H); } });
export const nightly = job({ description: 'Nightly. ' + H, before: [look], select: text });
export const at_noon = schedule({ description: 'Noon. ' + H, cron: '0 12 * * *', timeZone: 'UTC', run: text });
export const watcher = sensor({
  description: 'Watches. ' + H, run: text, every: '1s',
  check: (cursor, { log }) => {

    return { cursor: 1, requests: cursor ? [] : [{ id: 'one', because: H }] };
  },
});
`;

let workspace: TestWorkspace;
let first: NxResult;
beforeAll(async () => {
  workspace = new TestWorkspace().group(
    'lab',
    { 'index.ts': SOURCE },
    { 'nx-assets': { entry: './src/index.ts', owner: '@test/lab', description: `A lab. ${HOSTILE}` } },
  );
  first = await workspace.nx(['run-many', '-t', 'materialize']);
}, 120_000);
afterAll(() => workspace.dispose());

/** How each command is called; none is left out. Some of them fail, and say why. */
const CALLS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  plan: [['plan'], ['plan', '--force'], ['plan', HOSTILE], ['plan', `--config=lab/good.x=${HOSTILE}`]],
  materialize: [
    ['materialize', 'bad'],
    ['materialize', 'text', '--force', '--no-batch'],
  ],
  backfill: [
    ['backfill', 'days', '--force'],
    ['backfill', '--list'],
    ['backfill', HOSTILE],
  ],
  partitions: [
    ['partitions', 'days'],
    ['partitions', 'orders', '--add', HOSTILE],
  ],
  status: [['status']],
  why: [
    ['why', 'bad'],
    ['why', HOSTILE],
  ],
  ls: [['ls'], ['ls', '--names']],
  jobs: [['jobs'], ['jobs', 'nightly']],
  automation: [['automation', HOSTILE]],
  'automation serve': [['automation', 'serve', '--for', '3s', '--verbose']],
  'automation tick': [['automation', 'tick']],
  'automation status': [['automation', 'status']],
  'automation history': [['automation', 'history', '--tree']],
  'automation run': [['automation', 'run', HOSTILE]],
  console: [['console', '--port', HOSTILE]],
  'console export': [['console', 'export', '--to', HOSTILE]],
  'console run': [['console', 'run', HOSTILE]],
  show: [
    ['show', 'good'],
    ['show', 'bad'],
    ['show', 'days'],
  ],
  preview: [
    ['preview', 'good'],
    ['preview', 'text'],
    ['preview', '--sql', `SELECT '${HOSTILE}' AS "${HOSTILE}"`],
    ['preview', '--sql', HOSTILE],
  ],
  runs: [['runs'], ['runs', 'last'], ['runs', HOSTILE]],
  logs: [
    ['logs', 'last'],
    ['logs', 'last', 'good'],
    ['logs', HOSTILE],
  ],
  diff: [
    ['diff', HOSTILE, 'last'],
    ['diff', 'last', 'last'],
  ],
  prune: [
    ['prune', '--dry-run'],
    ['prune', '--older-than', HOSTILE],
  ],
  completion: [
    ['completion', 'bash'],
    ['completion', HOSTILE],
  ],
};

const said = ({ stdout, stderr }: NxResult) => [stdout, stderr];
const expectPlain = (result: NxResult) => {
  for (const text of said(result)) expect(text).not.toMatch(UNSAFE);
};

test('every command is called', () => {
  const known = commandNames(processContext());
  expect(Object.keys(CALLS).sort()).toEqual(known.sort());
});

describe('nx shows what definitions and steps say, and obeys none of it', () => {
  test('in a run', () => {
    expect(first.code).toBe(1);
    expect(first.output).toContain('info H');
    expect(first.output).toContain('console H');
    expect(first.output).toContain('failed H');
    expectPlain(first);
  });

  test.each([
    [['run-many', '-t', 'materialize', '--batch=false']],
    [['run-many', '-t', 'materialize', '--json']],
    [['run', 'lab:check']],
    [['run', 'lab:check', '--json']],
    [['run', 'lab:nightly']],
    [['show', 'project', 'lab', '--json']],
  ])(
    'nx %s',
    async (args) => {
      expectPlain(await workspace.nx(args));
    },
    60_000,
  );

  test('where they do not load', async () => {
    const broken = new TestWorkspace().group('lab', {
      'index.ts': `throw new Error(${JSON.stringify(HOSTILE)});`,
    });
    try {
      for (const args of [
        ['run-many', '-t', 'materialize'],
        ['run', 'lab:x', '--verbose'],
      ])
        expectPlain(await broken.nx(args));
      expectPlain(await broken.command(['ls']));
    } finally {
      broken.dispose();
    }
  }, 60_000);
});

describe.each(Object.entries(CALLS))('nx-assets %s', (_, calls) => {
  test('as text and as JSON', async () => {
    for (const args of calls) {
      expectPlain(await workspace.command(args));
      if (!args.includes(HOSTILE)) expectPlain(await workspace.command([...args, '--json']));
    }
  }, 60_000);
});

test('our own colours are shown, and no others', async () => {
  const { stdout } = await workspace.command(['show', 'good'], {
    env: { NO_COLOR: '', FORCE_COLOR: '1' },
  });
  expect(stdout).toMatch(/\u001b\[1mlab\/good/);
  expect(stdout.replaceAll(/\u001b\[(1|2|22|3[1236]|39)m/g, '')).not.toMatch(UNSAFE);
  expect(stdout).not.toMatch(/\u001b\[31m\r/);
});
