import { readFileSync } from 'node:fs';
import { AssetError, type AssetKey, type AssetManifest, type Graph } from '@nx-assets/core';
import { choosePartitions, type PartitionSet } from '@nx-assets/core/partitions';
import type { Partitioning, PartitionKey, PlannedStep, Wanted } from '@nx-assets/engine';
import { absolute, backfillPath, writeAtomic } from '@nx-assets/storage/records';

/** Which partitions a command line asks for. Without any of these: all. */
export interface PartitionFlags {
  /** Keys, ranges and lists: `2026-03-01...2026-03-31,latest`. */
  readonly partition?: string;
  /** Only those that are not there. */
  readonly missing?: boolean;
  /** Only those that are there, and out of date. */
  readonly stale?: boolean;
  /** Only those whose last step failed. */
  readonly failed?: boolean;
  /** The id of a backfill: what it has left. */
  readonly backfill?: string;
}

/** What is known of partitions, for the flags that ask for it. */
export interface PartitionFacts {
  plan(): Promise<readonly PlannedStep[]>;
  failed(): Promise<ReadonlySet<string>>;
}

export type Asked = ReadonlyMap<AssetKey, readonly PartitionKey[] | 'all'>;

const NARROWS = ['missing', 'stale', 'failed'] as const;

export const hasPartitionFlags = (flags: PartitionFlags): boolean =>
  flags.partition !== undefined ||
  flags.backfill !== undefined ||
  NARROWS.some((name) => flags[name] === true);

/**
 * The partitions of each asset that a command line asks for. Throws `PARTITION_UNKNOWN` where what it names is a
 * partition of none of them.
 */
export async function askedPartitions(
  keys: readonly AssetKey[],
  flags: PartitionFlags,
  partitioning: Partitioning,
  facts: PartitionFacts,
): Promise<Asked> {
  const cut = keys.flatMap((key) => {
    const set = partitioning.set(key);
    return set ? [[key, set] as const] : [];
  });
  if (!hasPartitionFlags(flags)) return new Map(keys.map((key) => [key, 'all']));
  if (cut.length === 0) throw noPartitions(keys);
  const chosen = chooseFor(cut, flags);
  const passes = await filterOf(flags, facts);
  const isAsked = new Set(chosen.keys());
  return new Map<AssetKey, readonly PartitionKey[] | 'all'>(
    keys.map((key) => {
      if (!partitioning.set(key)) return [key, 'all'];
      const parts = isAsked.has(key) ? (chosen.get(key) ?? []) : [];
      return [key, parts.filter((part) => passes(key, part))];
    }),
  );
}

/** Flags for partitions where there are none would be without effect, and nobody would know. */
export function noPartitions(keys: readonly AssetKey[]): AssetError {
  const named = keys.length === 1 ? `${keys[0]} has` : `These ${keys.length} assets have`;
  return new AssetError('PARTITION_UNKNOWN', `${named} no partitions.`, {
    remedy: 'Run without a flag for partitions, and not as a backfill.',
  });
}

/** What the flags name of each asset; assets that they name nothing of are left out. */
function chooseFor(
  cut: readonly (readonly [AssetKey, PartitionSet])[],
  { partition }: PartitionFlags,
): ReadonlyMap<AssetKey, readonly string[]> {
  if (partition === undefined) return new Map(cut.map(([key, set]) => [key, set.keys]));
  const chosen = new Map<AssetKey, readonly string[]>();
  let problem: unknown;
  for (const [key, set] of cut) {
    try {
      chosen.set(key, choosePartitions(set, partition, key));
    } catch (error) {
      problem ??= error;
    }
  }
  if (chosen.size === 0) throw problem;
  return chosen;
}

async function filterOf(
  flags: PartitionFlags,
  facts: PartitionFacts,
): Promise<(key: AssetKey, part: string) => boolean> {
  const filters: ((id: string) => boolean)[] = [];
  if (flags.missing || flags.stale) {
    const steps = (await facts.plan()).filter(({ action }) => action !== 'keep');
    const isMissing = ({ reasons }: PlannedStep) =>
      reasons.some(({ kind }) => kind === 'missing' || kind === 'value-missing');
    const ids = (found: readonly PlannedStep[]) =>
      new Set(found.map(({ key, partition }) => `${key} ${partition}`));
    const missing = ids(steps.filter(isMissing));
    const stale = ids(steps.filter((step) => !isMissing(step)));
    filters.push(
      (id) => (flags.missing === true && missing.has(id)) || (flags.stale === true && stale.has(id)),
    );
  }
  if (flags.failed) {
    const failed = await facts.failed();
    filters.push((id) => failed.has(id));
  }
  // Each flag adds to what is asked for: --missing --failed are those that are either.
  return (key, part) => filters.length === 0 || filters.some((fits) => fits(`${key} ${part}`));
}

/** Longest text that is given to a process as an argument: of one, Linux takes 128 KB, and Windows 32 of all. */
const LONGEST = 8_000;

/** How a command is told which partitions it is about: by their names, or by a file of them where these are too long. */
export function partitionArgument(root: string, path: string, text: string): string {
  if (text.length <= LONGEST) return text;
  writeAtomic(absolute(root, path), `${text.replaceAll(',', '\n')}\n`);
  return `@${path}`;
}

/** What a command was told: of `@path`, the lines of that file of the workspace. */
function partitionText(root: string, argument: string): string {
  if (!argument.startsWith('@')) return argument;
  try {
    const lines = readFileSync(absolute(root, argument.slice(1)), 'utf8').split(/\r?\n/);
    return lines.filter((line) => line.trim() !== '').join(',');
  } catch {
    return argument; // it may be the name of a partition
  }
}

/** The same of all flags. */
export const readFlags = (root: string, flags: PartitionFlags): PartitionFlags =>
  flags.partition === undefined ? flags : { ...flags, partition: partitionText(root, flags.partition) };

/** A flag as it was typed: Nx reads `007` as a number. */
export function typedFlag(argv: readonly string[], name: string): string | undefined {
  const found = argv.flatMap((argument, at) => {
    if (argument === `--${name}`) return argv[at + 1] ?? [];
    return argument.startsWith(`--${name}=`) ? argument.slice(name.length + 3) : [];
  });
  return found.length > 0 ? found.join(',') : undefined;
}

/** What a backfill still has to do, as its file says. Throws `PARTITION_UNKNOWN` where there is none. */
export function readBackfill(root: string, id: string): Backfill {
  try {
    // An id is part of a path, and its file is removed in the end.
    if (!/^[\w-]+$/.test(id)) throw new Error('no id');
    return JSON.parse(readFileSync(absolute(root, backfillPath(id)), 'utf8')) as Backfill;
  } catch {
    throw new AssetError('PARTITION_UNKNOWN', `There is no backfill ${id}.`, {
      remedy: 'See what there is with `nx-assets backfill --list`.',
    });
  }
}

/** What a backfill is to do: kept, so that it goes on after the machine was off. */
export interface Backfill {
  readonly id: string;
  readonly key: AssetKey;
  readonly partitions: readonly string[];
  readonly force: boolean;
  /** How many steps at the same time; as Nx decides where nobody said. */
  readonly parallel?: number;
  readonly createdAt: string;
}

/** The assets of a run that nobody else in it waits for: what it was started for. */
export function askedAssets(
  graph: Graph<AssetManifest>,
  run: ReadonlySet<AssetKey>,
  named: ReadonlySet<AssetKey>,
): AssetKey[] {
  const needed = new Set([...run].flatMap((key) => Object.values(graph.nodes.get(key)?.deps ?? {})));
  return graph.order.filter((key) => run.has(key) && (named.has(key) || !needed.has(key)));
}

export type { Wanted };
