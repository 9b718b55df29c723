import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { AssetError, groupOf, nameOf } from '@nx-assets/core';
import { absolute, backfillPath, writeAtomic } from '@nx-assets/storage/records';
import { colours as pc } from '@nx-assets/workspace/colours';
import { ago, print, printJson } from './output.ts';
import type { BackfillFlags } from './flags.ts';
import { Workspace } from '@nx-assets/workspace/workspace';
import { EXIT } from './exit.ts';
import { runNx } from '@nx-assets/runner/nx-process';
import { count, duration, plural, table, type TableColumn } from '@nx-assets/workspace/format';
import { askedPartitions, type Backfill, readBackfill } from '@nx-assets/workspace/partition-request';
import { chooseOne } from '@nx-assets/workspace/choose-assets';
import { partitionFacts } from '@nx-assets/workspace/asset-status';
import { leftOf } from '@nx-assets/workspace/run-plan';
import { fromHistory } from '@nx-assets/workspace/history';
import type { ProcessContext } from '@nx-assets/workspace/run-context';

/**
 * Makes many partitions of one asset, with what they need. What is to be done is kept in a file, so that `--resume` goes
 * on after a machine was off; what is done is seen from the records.
 */
export async function backfillCommand(
  context: ProcessContext,
  word: string | undefined,
  flags: BackfillFlags,
): Promise<number> {
  const workspace = await Workspace.open(context);
  if (flags.list) return list(workspace, flags.json ?? false);
  const backfill =
    flags.resume === undefined
      ? await begin(workspace, word, flags)
      : await resume(workspace, flags.resume, flags.parallel);
  const open = async (): Promise<number> => countOpen(await Workspace.open(context), backfill);
  const left = await open();
  if (!flags.json) print(context, await introduction(workspace, backfill, left, flags.dryRun ?? false));
  if (flags.dryRun) {
    if (flags.json) printJson(context, { backfill, left });
    return EXIT.ok;
  }
  keep(workspace.root, backfill);
  const target = `${groupOf(backfill.key)}:${nameOf(backfill.key)}`;
  const command = [
    'run',
    target,
    `--backfill=${backfill.id}`,
    ...(backfill.parallel === undefined ? [] : [`--parallel=${backfill.parallel}`]),
    ...(flags.json ? ['--json'] : []),
  ];
  let code = left === 0 ? EXIT.ok : await runNx(workspace.context, command);
  for (let retry = 1; code !== 0 && code !== INTERRUPTED && retry <= flags.retries; retry++) {
    const again = await open();
    if (again === 0) break;
    if (!flags.json)
      print(
        context,
        `\nRetry ${retry} of ${flags.retries}: ${count(again)} ${again === 1 ? 'partition is' : 'partitions are'} left.`,
      );
    code = await runNx(workspace.context, command);
  }
  if (code === 0) forget(workspace.root, backfill.id);
  else if (!flags.json && code === INTERRUPTED)
    print(context, `Resume it: ${pc.bold(`npx nx-assets backfill --resume ${backfill.id}`)}`);
  return code;
}

const INTERRUPTED = 130;

async function begin(
  workspace: Workspace,
  word: string | undefined,
  flags: BackfillFlags,
): Promise<Backfill> {
  if (word === undefined) throw new AssetError('COMMAND_INVALID', 'Give an asset, --resume or --list.');
  const { key } = chooseOne(workspace, word);
  const partitioning = await workspace.partitioning();
  const { partition = '*', missing = false, stale = false, failed = false } = flags;
  const asked = await askedPartitions(
    [key],
    { partition, missing, stale, failed },
    partitioning,
    partitionFacts(workspace, [key], partitioning),
  );
  const partitions = asked.get(key) ?? [];
  return {
    id: newId(workspace.context.now()),
    key,
    partitions: partitions === 'all' ? [] : partitions.filter((part) => part !== null),
    force: flags.force ?? false,
    ...(flags.parallel === undefined ? {} : { parallel: flags.parallel }),
    createdAt: workspace.context.now().toISOString(),
  };
}

/** How many partitions of it would run. */
async function countOpen(workspace: Workspace, backfill: Backfill): Promise<number> {
  const { key: asset, force } = backfill;
  if (!workspace.graph.nodes.has(asset)) return 0;
  const left = leftOf(workspace.root, backfill, await workspace.partitioning());
  const steps = await workspace.plan([], { force, refresh: false }, new Map([[asset, left]]));
  return steps.filter(({ key, action }) => key === asset && action !== 'keep').length;
}

const newId = (now: Date): string => `${now.toISOString().slice(0, 10)}-${randomBytes(3).toString('hex')}`;

/** The backfill of an id, or of the only one that is not done. */
async function resume(
  workspace: Workspace,
  id: string | boolean,
  parallel: number | undefined,
): Promise<Backfill> {
  const again = (found: Backfill): Backfill => (parallel === undefined ? found : { ...found, parallel });
  if (typeof id === 'string') return again(readBackfill(workspace.root, id));
  const all = (await unfinished(workspace)).map(({ backfill }) => backfill);
  const [only] = all;
  if (only && all.length === 1) return again(only);
  const facts =
    all.length === 0
      ? 'There is no unfinished backfill to resume.'
      : `There are ${all.length} unfinished backfills.`;
  throw new AssetError('COMMAND_INVALID', facts, { remedy: 'See `nx-assets backfill --list`.' });
}

async function introduction(
  workspace: Workspace,
  backfill: Backfill,
  left: number,
  isDry: boolean,
): Promise<string> {
  const { key, id, partitions } = backfill;
  const usual = await fromHistory(workspace.root, (history) => history.durations([key]), new Map());
  const took = usual.get(key) as number | undefined;
  const time =
    took === undefined || left === 0
      ? ''
      : `; about ${duration(took)} per step, ${duration(took * left)} in sequence`;
  const [first, last] = [partitions[0], partitions.at(-1)];
  const span = partitions.length > 1 ? `${first} to ${last}` : (first ?? 'none');
  const total = plural(partitions.length, 'partition');
  // What is only asked about has no name that one could use.
  return `Backfill ${isDry ? '' : `${id} `}of ${key}: ${count(left)} of ${total} to run (${span})${time}`;
}

interface Unfinished {
  readonly backfill: Backfill;
  readonly left: number;
}

const columnsOf = (now: Date): readonly TableColumn<Unfinished>[] => [
  { title: 'backfill', cell: ({ backfill }) => backfill.id },
  { title: 'asset', cell: ({ backfill }) => backfill.key },
  { title: 'left', align: 'right', cell: ({ left }) => count(left) },
  { title: 'of', align: 'right', cell: ({ backfill }) => count(backfill.partitions.length) },
  { title: 'started', cell: ({ backfill }) => ago(backfill.createdAt, now) },
];

/** Those that have something left to do, oldest first. */
async function unfinished(workspace: Workspace): Promise<Unfinished[]> {
  const kept: Unfinished[] = [];
  for (const backfill of keptBackfills(workspace.root))
    kept.push({ backfill, left: await countOpen(workspace, backfill) });
  return kept.filter(({ left }) => left > 0);
}

function keptBackfills(root: string): Backfill[] {
  let names: readonly string[];
  try {
    names = readdirSync(dirname(absolute(root, backfillPath('any'))));
  } catch {
    return []; // there never was one
  }
  const read = (name: string): Backfill[] => {
    try {
      return [readBackfill(root, name.slice(0, -'.json'.length))];
    } catch {
      return []; // one that cannot be read hides no other
    }
  };
  return names
    .filter((name) => name.endsWith('.json'))
    .flatMap(read)
    .sort((a, b) => a.createdAt.localeCompare(b.createdAt));
}

async function list(workspace: Workspace, asJson: boolean): Promise<number> {
  const all = await unfinished(workspace);
  if (asJson)
    printJson(workspace.context, { backfills: all.map(({ backfill, left }) => ({ ...backfill, left })) });
  else if (all.length === 0) print(workspace.context, 'There are no unfinished backfills.');
  else print(workspace.context, table(columnsOf(workspace.context.now()), all).join('\n'));
  return EXIT.ok;
}

const keep = (root: string, backfill: Backfill): void =>
  writeAtomic(absolute(root, backfillPath(backfill.id)), `${JSON.stringify(backfill)}\n`);

const forget = (root: string, id: string): void => rmSync(absolute(root, backfillPath(id)), { force: true });
