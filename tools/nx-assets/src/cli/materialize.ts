import { resolve } from 'node:path';
import { type AssetKey, type AssetManifest, groupOf, nameOf } from '@nx-assets/core';
import { duration, plural } from '../format.ts';
import type { PartitionFlags } from '../partition-request.ts';
import type { ReportLine } from '../reporter.ts';
import { EXIT, type MaterializeFlags } from './main.ts';
import { runNx } from './nx.ts';
import { print, printJson } from './output.ts';
import { planCommand } from './plan.ts';
import { byAsset } from './partition-status.ts';
import { chooseAssets, planOf } from './select.ts';
import { Workspace } from './workspace.ts';

/**
 * Brings assets up to date. Starts nx only when code, a record, a byte or a policy says that there is work, and leaves
 * all of it to nx then: the same hashes, the same cache.
 */
export async function materializeCommand(
  selection: readonly string[],
  flags: MaterializeFlags,
): Promise<number> {
  if (flags.dryRun) return planCommand(selection, flags);
  const started = Date.now();
  const workspace = await Workspace.open();
  const { force = false, refresh = false } = flags;
  const chosen = await chooseAssets(workspace, selection);
  const steps = await planOf(workspace, chosen, { ...flags, force, refresh });
  if (steps.some(({ action }) => action !== 'reuse')) {
    for (const command of commandsFor(chosen, workspace.graph.nodes, flags)) {
      const code = await runNx(workspace.root, [...command, ...passedOn(flags)]);
      if (code !== 0) return code;
    }
    return EXIT.ok;
  }
  const milliseconds = Date.now() - started;
  if (flags.json) {
    const lines = await Promise.all([...byAsset(steps).keys()].map((key) => upToDate(workspace, key)));
    printJson({ runId: null, milliseconds, assets: lines });
  } else {
    print(`${plural(byAsset(steps).size, 'asset')}: all up to date, in ${duration(milliseconds)}`);
  }
  return EXIT.ok;
}

async function upToDate(workspace: Workspace, key: AssetKey): Promise<ReportLine> {
  const { rowCount, bytes, checks } = await workspace.holds(key);
  const isExternal = workspace.graph.nodes.get(key)?.isExternal ?? false;
  const facts = { changed: false, error: null, announcements: [], checks, isExternal, milliseconds: null };
  return { key, status: 'reused', reasons: [{ kind: 'unchanged' }], rowCount, bytes, ...facts };
}

/** What commands need to know of an asset. */
type Assets = ReadonlyMap<AssetKey, Pick<AssetManifest, 'partitions'>>;

/**
 * The nx commands that run these assets, with what they need and nothing else. One, but where a name stands for an
 * asset that was chosen and for another one that was not: nx takes names and groups, and would run both. Of several, those
 * in which nothing has partitions get no flags for them: a run refuses them.
 */
export function commandsFor(
  chosen: readonly AssetKey[],
  assets: Assets,
  flags: PartitionFlags = {},
): string[][] {
  const commands = splitCommands(chosen, new Set(assets.keys()));
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

function splitCommands(chosen: readonly AssetKey[], all: ReadonlySet<AssetKey>): Command[] {
  const whole = (...args: string[]): Command[] => [{ args, keys: chosen }];
  const groups = [...new Set(chosen.map(groupOf))];
  const isWhole = (group: string) => [...all].every((key) => groupOf(key) !== group || chosen.includes(key));
  if (groups.every(isWhole)) {
    const everything = groups.length === new Set([...all].map(groupOf)).size;
    return whole('run-many', '-t', 'materialize', ...(everything ? [] : ['-p', groups.join(',')]));
  }
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return whole('run', `${groupOf(only)}:${nameOf(only)}`);
  const wanted = new Set(chosen);
  const names = [...new Set(chosen.map(nameOf))];
  const isExact = groups.every((group) =>
    names.every((name) => {
      const key = `${group}/${name}` as AssetKey;
      return !all.has(key) || wanted.has(key);
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

/** Flags as nx takes them, but those for partitions. */
export const passedOn = (flags: MaterializeFlags): string[] => {
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
