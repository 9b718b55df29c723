import { stripVTControlCharacters } from 'node:util';
import type { Task, TaskGraph } from '@nx/devkit';
import { assetKey } from '@nx-assets/core';
import type { Outcome } from '@nx-assets/engine';
import { appendPlan, appendRequested } from '@nx-assets/runner/run-file';
import { runAssets } from '@nx-assets/runner/run-assets';
import { RunHistory } from '@nx-assets/runner/run-history';
import { RUN_ID } from '@nx-assets/runner/run-id';
import { type RunContext, terminalStream } from '@nx-assets/workspace/run-context';
import { Workspace } from '@nx-assets/workspace/workspace';
import { main } from './cli/main.ts';

/** When assets are made, and when commands look at them: the clocks of every test. */
export const MADE = new Date('2026-03-04T11:30:00.000Z');
export const NOW = new Date('2026-03-04T12:00:00.000Z');

const INDEX = `
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asset, daily, dynamicPartitions, job, op } from '@nx-assets/core';
import { eager, schedule } from '@nx-assets/core/automation';
import { z } from 'zod';

const Row = z.object({ id: z.int(), word: z.string() });
export const raw = asset({
  description: 'Words from outside.', kind: 'api', tags: ['words'], freshness: { maxAge: '1h' }, schema: Row,
  materialize: (_inputs, { root, log }) => {
    const words = JSON.parse(readFileSync(join(root, 'data.json'), 'utf8'));
    log.info('there are ' + words.length);
    if (words.length > 2) log.warn('that is many');
    return words.map((word, at) => ({ id: at + 1, word }));
  },
});
export const upper = asset({
  description: 'Louder.', deps: { raw }, schema: Row, reads: ['words/*.txt', '{workspaceRoot}/shared/*.txt'],
  materialize: async ({ raw }) => (await raw.rows()).map(({ id, word }) => ({ id, word: word.toUpperCase() })),
});
export const total = asset({
  description: 'How many.', deps: { upper }, value: z.object({ n: z.int() }), automation: eager(),
  materialize: async ({ upper }, { root }) => {
    if (existsSync(join(root, 'broken'))) throw new Error('it is broken');
    return { n: (await upper.rows()).length };
  },
});
export const days = asset({
  description: 'A number a day.', partitions: daily({ start: '2026-03-01', end: '2026-03-04', timeZone: 'UTC' }), schema: z.object({ day: z.string() }),
  materialize: (_inputs, { partition, root }) => {
    if (existsSync(join(root, 'broken'))) throw new Error('no ' + partition.key);
    return [{ day: partition.key }];
  },
});
export const orders = asset({
  description: 'Of each customer.', partitions: dynamicPartitions('customers'), value: z.string(),
  materialize: (_inputs, { partition }) => 'orders of ' + partition.key,
});
const look = op({ name: 'look', description: 'Looks around.', run: () => undefined });
export const nightly = job({
  description: 'Every night.', before: [look], select: total, schedule: { cron: '0 2 * * *', timeZone: 'UTC' },
});
export const at_noon = schedule({ description: 'Words at noon.', cron: '0 12 * * *', timeZone: 'UTC', run: raw });
`;

/** The files of a small workspace: a chain, an asset cut into days, one into customers, a job, a schedule. */
export const SHOP: Readonly<Record<string, string>> = {
  'data.json': '["one", "two", "three"]',
  'packages/shop/package.json': JSON.stringify({
    name: 'shop',
    type: 'module',
    'nx-assets': { owner: '@test/shop', description: 'A shop.' },
  }),
  'packages/shop/src/index.ts': INDEX,
};

/** The process of a test, in a folder: what it says is kept. */
export function contextIn(
  root: string,
  argv: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  now = NOW,
): RunContext & { said(): { stdout: string; stderr: string } } {
  const said = { stdout: '', stderr: '' };
  const into = (name: keyof typeof said) =>
    terminalStream((text) => (said[name] += stripVTControlCharacters(text)));
  return {
    root,
    cwd: root,
    env,
    argv,
    conditions: [],
    stdout: into('stdout'),
    stderr: into('stderr'),
    now: () => now,
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
    said: () => said,
  };
}

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** One command line of `nx-assets`. */
export async function command(root: string, ...argv: readonly string[]): Promise<Said> {
  const context = contextIn(root, argv);
  const code = await main(context);
  return { code, ...context.said() };
}

/** The same with `--json`: its one document, and nothing next to it. Throws where it is not that. */
export async function document(root: string, ...argv: readonly string[]): Promise<Document> {
  const { stdout } = await command(root, ...argv, '--json');
  const lines = stdout.split('\n');
  if (lines.length !== 2 || lines[1] !== '') throw new Error(`Not one line: ${stdout}`);
  return JSON.parse(lines[0] ?? '') as Document;
}

/** What tests look into. */
export type Document = Readonly<Record<string, unknown>> & { readonly version: number };

/** Makes assets as a run would, in this process and without nx. */
export async function materialize(
  root: string,
  runId: string,
  ...names: readonly string[]
): Promise<ReadonlyMap<string, Outcome>> {
  const context = contextIn(root, ['run', ...names], { [RUN_ID]: runId }, MADE);
  const workspace = await Workspace.open(context);
  const keys = names.map((name) => assetKey('shop', name));
  const parts = (await workspace.partitioning()).partitionsOf(assetKey('shop', 'days'));
  appendRequested(root, runId, keys);
  appendPlan(root, runId, {
    now: MADE.getTime(),
    wanted: { [assetKey('shop', 'days')]: parts.filter((part) => part !== null) },
    forced: [],
  });
  const history = await RunHistory.open(context, runId);
  await history.begin(context.argv, keys, MADE.getTime());
  const outcomes = await runAssets({ context, keys, refresh: false });
  const isFailed = [...outcomes.values()].some(({ status }) => status === 'failed');
  await history.end(isFailed ? 'failed' : 'succeeded', [], MADE.getTime() + 1_500);
  await history.close();
  return outcomes;
}

/** What Nx hands on of a run of these assets, each with the same flags. */
export function taskGraphOf(names: readonly string[], overrides: Task['overrides'] = {}): TaskGraph {
  const tasks = names.map((name): Task => {
    const target = { project: 'shop', target: name };
    return { id: `shop:${name}`, target, overrides, outputs: [], cache: true, parallelism: true };
  });
  return {
    roots: tasks.map(({ id }) => id),
    tasks: Object.fromEntries(tasks.map((task) => [task.id, task])),
    dependencies: Object.fromEntries(tasks.map(({ id }) => [id, []])),
    continuousDependencies: {},
  };
}
