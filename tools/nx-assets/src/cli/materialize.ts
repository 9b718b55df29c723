import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type AssetKey, groupOf, nameOf } from '@nx-assets/core';
import { duration } from '../format.ts';
import type { ReportLine } from '../reporter.ts';
import { EXIT, type MaterializeFlags } from './main.ts';
import { print, printJson } from './output.ts';
import { planCommand } from './plan.ts';
import { chooseAssets } from './select.ts';
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
  const steps = workspace.plan(chosen, { force, refresh });
  if (steps.some(({ action }) => action !== 'reuse')) {
    const all = new Set(workspace.graph.order);
    for (const command of commandsFor(chosen, all)) {
      const code = await runNx(workspace.root, [...command, ...passedOn(flags)]);
      if (code !== 0) return code;
    }
    return EXIT.ok;
  }
  const milliseconds = Date.now() - started;
  if (flags.json) {
    const lines = steps.map(({ key }) => upToDate(workspace, key));
    printJson({ runId: null, milliseconds, assets: lines });
  } else {
    const count = `${steps.length} asset${steps.length === 1 ? '' : 's'}`;
    print(`${count}: all up to date, in ${duration(milliseconds)}`);
  }
  return EXIT.ok;
}

function upToDate(workspace: Workspace, key: AssetKey): ReportLine {
  const reading = workspace.reading(key);
  const { rowCount = null, bytes = null } = reading.status === 'found' ? reading.record.value : {};
  const checks = reading.status === 'found' ? reading.record.checks : [];
  const isExternal = workspace.graph.nodes.get(key)?.isExternal ?? false;
  const facts = { changed: false, error: null, announcements: [], checks, isExternal, milliseconds: null };
  return { key, status: 'reused', reasons: [{ kind: 'unchanged' }], rowCount, bytes, ...facts };
}

/**
 * The nx commands that run these assets, with what they need and nothing else. One, but where a name stands for an
 * asset that was chosen and for another one that was not: nx takes names and groups, and would run both.
 */
export function commandsFor(chosen: readonly AssetKey[], all: ReadonlySet<AssetKey>): string[][] {
  const groups = [...new Set(chosen.map(groupOf))];
  const isWhole = (group: string) => [...all].every((key) => groupOf(key) !== group || chosen.includes(key));
  if (groups.every(isWhole)) {
    const everything = groups.length === new Set([...all].map(groupOf)).size;
    return [['run-many', '-t', 'materialize', ...(everything ? [] : ['-p', groups.join(',')])]];
  }
  const [only] = chosen;
  if (only !== undefined && chosen.length === 1) return [['run', `${groupOf(only)}:${nameOf(only)}`]];
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
  if (isExact) return [command(names, groups)];
  return groups.map((group) => command(chosen.filter((key) => groupOf(key) === group).map(nameOf), [group]));
}

const passedOn = ({ force, refresh, json, parallel, batch }: MaterializeFlags): string[] => [
  ...(force ? ['--skip-nx-cache'] : []),
  ...(refresh ? ['--refresh'] : []),
  ...(json ? ['--json'] : []),
  ...(parallel === undefined ? [] : [`--parallel=${parallel}`]),
  ...(batch === false ? ['--batch=false'] : []),
];

/** Runs the nx of the workspace; gives its exit code. */
function runNx(root: string, args: readonly string[]): Promise<number> {
  const nx = createRequire(join(root, 'package.json')).resolve('nx/bin/nx.js');
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [nx, ...args], { cwd: root, stdio: 'inherit' });
    // Ctrl-C reaches nx by itself: this process waits for what it makes of it.
    const ignore = () => undefined;
    process.on('SIGINT', ignore);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      process.off('SIGINT', ignore);
      resolve(code ?? (signal === 'SIGINT' ? 130 : EXIT.failed));
    });
  });
}
