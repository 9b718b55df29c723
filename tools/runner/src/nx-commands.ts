import { type AssetKey, type AssetManifest, groupOf, nameOf } from '@nx-assets/core';
import type { PartitionFlags } from '@nx-assets/workspace/partition-request';
import { resolve } from 'node:path';

/** What commands need to know of an asset. */
type Assets = ReadonlyMap<AssetKey, Pick<AssetManifest, 'partitions'>>;

/**
 * The nx commands that run these assets, with what they need and nothing else. One, but where a name stands for an
 * asset that was chosen and for another target that was not, an asset or one of `otherTargets`: nx takes names and groups,
 * and would run both. Of several, those in which nothing has partitions get no flags for them: a run refuses them.
 */
export function commandsFor(
  chosen: readonly AssetKey[],
  assets: Assets,
  flags: PartitionFlags = {},
  otherTargets: ReadonlySet<string> = new Set(),
): string[][] {
  const commands = splitCommands(chosen, new Set(assets.keys()), otherTargets);
  const isCut = ({ keys }: Command) => keys.some((key) => assets.get(key)?.partitions);
  const isAnyCut = commands.some(isCut);
  return commands.map((command) =>
    isAnyCut && !isCut(command) ? command.args : [...command.args, ...partitionFlags(flags)],
  );
}

interface Command {
  readonly args: string[];
  readonly keys: readonly AssetKey[];
}

function splitCommands(
  chosen: readonly AssetKey[],
  all: ReadonlySet<AssetKey>,
  otherTargets: ReadonlySet<string>,
): Command[] {
  const whole = (...args: string[]): Command[] => [{ args, keys: chosen }];
  // Nx would take an empty list of projects, or none, for all of them.
  if (chosen.length === 0) return [];
  const groups = [...new Set(chosen.map(groupOf))];
  const isWhole = (group: string) => [...all].every((key) => groupOf(key) !== group || chosen.includes(key));
  // The name of the target is ours.
  if (chosen.length === all.size) return whole('run-many', '-t', 'materialize');
  if (groups.every(isWhole)) return whole('run-many', '-t', 'materialize', '-p', groups.join(','));
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return whole('run', `${groupOf(only)}:${nameOf(only)}`);
  const wanted = new Set(chosen);
  const names = [...new Set(chosen.map(nameOf))];
  const isExact = groups.every((group) =>
    names.every((name) => {
      const key = `${group}/${name}` as AssetKey;
      return wanted.has(key) || (!all.has(key) && !otherTargets.has(key));
    }),
  );
  const command = (targets: readonly string[], projects: readonly string[]) => [
    'run-many',
    '-t',
    targets.join(','),
    '-p',
    projects.join(','),
  ];
  if (isExact) return whole(...command(names, groups));
  return groups.map((group) => {
    const keys = chosen.filter((key) => groupOf(key) === group);
    return { args: command(keys.map(nameOf), [group]), keys };
  });
}

const partitionFlags = ({ partition, missing, stale, failed }: PartitionFlags): string[] => [
  ...(partition === undefined ? [] : [`--partition=${partition}`]),
  ...(missing ? ['--missing'] : []),
  ...(stale ? ['--stale'] : []),
  ...(failed ? ['--failed'] : []),
];

/** How a run goes, whatever it is about. */
export interface RunFlags {
  /** Files of JSON, or `group/name.field=value`. */
  readonly config?: readonly string[];
  readonly force?: boolean;
  readonly refresh?: boolean;
  readonly json?: boolean;
  /** Steps at the same time. */
  readonly parallel?: number;
  /** `false`: a process for each step. */
  readonly batch?: boolean;
}

/** Flags as nx takes them, but those for partitions. */
export const passedOn = (flags: RunFlags): string[] => {
  const { force, refresh, json, parallel, batch, config = [] } = flags;
  return [
    ...config.map((given) => `--config=${given.includes('=') ? given : resolve(given)}`),
    ...(force ? ['--skip-nx-cache'] : []),
    ...(refresh ? ['--refresh'] : []),
    ...(json ? ['--json'] : []),
    ...(parallel === undefined ? [] : [`--parallel=${parallel}`]),
    ...(batch === false ? ['--batch=false'] : []),
  ];
};
